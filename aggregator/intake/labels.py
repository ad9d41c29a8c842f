# ruff: noqa: RUF001, RUF003 - words in Cyrillic, and dashes as pages print them
"""The words that pages print around their articles, in the languages of the region and beyond."""

import re


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.casefold().split(","))


# Lines that mean nothing wherever they stand alone.
JUNK = _phrases(
    """
    advertisement, advertisements, advertising, sponsored, sponsored content, no result, no
    results, view all result, view all results, go to mobile version, skip to content, skip to
    main content, share, share this, share on facebook, share on twitter, share on linkedin,
    share on whatsapp, copy link, toggle, oglas, reklama, podeli, podijeli, podijelite, podelite,
    оглас, реклама, подели, подијели, сподели, поделиться, поширити, reklamë, shpërndaje, anzeige,
    teilen, publicité, partager
    """
)
# Lines that mean nothing as links or paragraphs; as an item or heading an article may say them.
BUTTONS = _phrases("facebook, twitter, whatsapp, telegram, linkedin, print, marketing, маркетинг")
JUNK_LINE = re.compile(
    r"©|\(c\) (?:copyright|\d{4}\b)|copyright\s*(?:$|:|©|\(c\)|\d{4}\b)"
    r"|\d+(?:\s*[-–|·•]\s*\d+){2,}\s*$"
    r"|[«‹<]\s*\w{3,9}\.?(?:\s+\w{3,9}\.?\s*[»›>])?$"
    r"|(?:this|our) (?:web ?site|site|page) uses cookies\b"
    r"|we use cookies\b"
    r"|(?:ovaj sajt|ova stranica|ovaj portal|naš sajt) koristi (?:kolačiće|cookies)\b"
    r"|(?:овај сајт|овај портал|наш сајт) користи колачиће\b"
    r"|(?:этот сайт|наш сайт|сайт) использу(?:ет|ем) (?:файлы )?cookies?\b"
    r"|(?:skip|jump) to (?:main )?content$",
    re.IGNORECASE,
)
# Lines that head a part of the page which is not the article.
SECTIONS = _phrases(
    """
    related, related post, related posts, related article, related articles, related news,
    related stories, related content, related topics, previous post, next post, previous
    article, next article, previous, next, post navigation, read also, read more, read next,
    also read, see also, more news, more stories, more on this topic, you may also like, you
    might also like, you may have missed, recommended, recommended for you, recommended stories,
    latest news, latest posts, latest, recent posts, recent news, recent comments, most read,
    most popular, popular, popular posts, trending, trending now, editor's picks, don't miss,
    categories, archives, archive, tags, topics, our authors, about the author, about author,
    author, comments, leave a reply, leave a comment, post a comment, discussion about this
    post, cancel reply, follow us, follow us on social media, stay connected, subscribe,
    subscribe to our newsletter, sign up for our newsletter, newsletter, share this article,
    share this post, povezane vesti, povezane vijesti, povezani članci, povezano, slične vesti,
    slične vijesti, pročitajte još, pročitajte i, pročitaj još, čitajte još, najnovije,
    najnovije vesti, najnovije vijesti, najčitanije, prethodna vest, prethodna vijest, prethodni
    članak, sledeća vest, sljedeća vijest, sledeći članak, sljedeći članak, komentari, ostavite
    komentar, ostavi komentar, kategorije, arhiva, oznake, повезане вести, повезане вијести,
    повезани чланци, повезано, сличне вести, прочитајте још, прочитајте и, најновије, најновије
    вести, најновије вијести, најчитаније, претходна вест, претходни чланак, следећа вест,
    следећи чланак, коментари, оставите коментар, категорије, архива, поврзани вести, поврзани
    написи, прочитајте повеќе, најнови вести, похожие статьи, похожие новости, читайте также, по
    теме, последние новости, комментарии, категории, архив, схожі новини, читайте також, останні
    новини, коментарі, të ngjashme, lajme të ngjashme, lexoni edhe, artikuj të ngjashëm, postimi
    i mëparshëm, postimi i radhës, komente, lesen sie auch, mehr zum thema, ähnliche beiträge,
    verwandte beiträge, kommentare, lire aussi, articles liés, à lire aussi, commentaires
    """
)
# Of these, what never stands in the middle of an article.
LAST_LINE = re.compile(
    r"(?:tags|tagged|tagged with|filed under|oznake|tagovi|ključne reči|ознаке|тагови|кључне речи"
    r"|теги|метки|ознаки|етикети|etiketat|schlagwörter|mots-clés)\s*:"
    r"|(?:previous|next) (?:post|article|story)\b(?!.*[.!?]$)(?!.{200})"
    r"|(?:our authors|about the author|leave a (?:reply|comment))$"
    r"|\d+ (?:comments?|komentara|коментара)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
# What folds a table of contents, on the line of its heading.
FOLD = re.compile(
    r"[\s(\[]*(?:toggle|hide|show|sakrij|prikaži|сакриј|прикажи)[)\]]*$", re.IGNORECASE
)
CONTENTS = _phrases(
    """
    table of contents, contents, in this article, on this page, sadržaj, садржај, содржина,
    содержание, зміст, përmbajtja, inhaltsverzeichnis, table des matières, sommaire
    """
)
# A capital letter, in any script that has them.
_NAME = r"(?![a-zа-яёђјљњћџѓќїієґšđčćžëç])[^\W\d_][\w.'’-]*"
BY_LINE = re.compile(
    rf"(?:(?P<twice>{_NAME}(?: {_NAME}){{0,4}}) by (?P=twice)"
    r"|(?i:(?:written )?by|autor|autorka|piše|аутор|ауторка|пише|автор|von|par|nga|od|од)"
    rf":? (?P<once>{_NAME}(?:(?:,| and| i| и|) {_NAME}){{0,4}}))(?=\W|$)"
)
# "Name, date": a by-line that says no word of its own.
SIGNED = re.compile(rf"{_NAME}(?: {_NAME}){{1,3}}(?=\s*(?:[,|·•–—-]|$))")
CATEGORY = re.compile(r"(?:^|\s)(?:in|u|у|в|во|në)\s+\S+(?:\s+\S+){0,3}\s*$", re.IGNORECASE)
BREADCRUMB = re.compile(
    r"(?:home|početna|naslovna|почетна|насловна|главная|головна|ballina|startseite|accueil)\b(?!.{120})",
    re.IGNORECASE,
)
# "Headline – Outlet", or a credit: evidence of where the article came from.
CAPTION = re.compile(
    r"\w[”\"»]?\s[–—]\s(?![a-zа-яђјљњћџ])[^–—.]{2,40}$"
    r"|\b(?i:photo|image|credit|picture|foto|fotografija|фото|фотографија|izvor|извор)s?"
    r"\s*:\s*\S.{0,60}$"
)
CALENDAR = frozenset(
    _WORD.findall(
        """
    january february march april may june july august september october november december jan
    feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
    saturday sunday mon tue wed thu fri sat sun januar februar mart travanj maj juni avgust
    septembar oktobar novembar decembar januara februara marta aprila maja juna jula avgusta
    septembra oktobra novembra decembra ponedeljak ponedjeljak utorak sreda srijeda četvrtak
    petak subota nedelja nedjelja јануар фебруар март април мај јун јул август септембар октобар
    новембар децембар јануара фебруара марта априла маја јуна јула августа септембра октобра
    новембра децембра понедељак уторак среда четвртак петак субота недеља јануари февруари јуни
    јули септември октомври ноември декември января февраля апреля мая июня июля сентября
    октября ноября декабря січня лютого березня квітня травня червня липня серпня вересня жовтня
    листопада грудня janar shkurt mars prill qershor korrik gusht shtator tetor nëntor dhjetor
    märz mai juli oktober dezember janvier février avril juin juillet août septembre octobre
    novembre décembre at am pm utc gmt cet cest est edt h min minutes minute read ago day days
    hour hours st nd rd th on posted published updated last modified date objavljeno ažurirano u
    sati datum објављено ажурирано у часова г година године опубликовано обновлено в
    """
    )
)

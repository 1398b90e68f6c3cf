#!/usr/bin/env python3
"""Makes the texts that the tokenizer's benchmarks and oracles read, from installed Debian documentation.

    bench/peers/texts.py OUT        writes OUT/{en,ja,fr,de,es,ru,zh,ko,code,latex,dna,binary}.txt

Nothing is downloaded; the packages that are not installed are named and left out. Tags, roff and catalogues of
translations are reduced to plain text; a file that was taken once (by its hash) is not taken again. The texts
belong to their packages (see each package's copyright file): do not commit them.
"""
import glob, gzip, hashlib, html, os, re, subprocess, sys

LANGUAGES = {  # glob patterns of files by text
    "en": ["/usr/share/doc/linux-doc-6.1/html/**/*.html", "/usr/share/doc/python3.11/html/**/*.html",
           "/usr/share/doc/python-scipy-doc/**/*.html", "/usr/share/doc/python-sympy-doc/**/*.html",
           "/usr/share/doc/python-astropy-doc/**/*.html", "/usr/share/doc/debian-handbook/html/en-US/*.html",
           "/usr/share/doc/installation-guide-amd64/en/*.html", "/usr/share/man/man*/*.gz",
           "/usr/share/doc/r-doc-html/**/*.html", "/usr/share/doc/maxima-doc/**/*.html",
           "/usr/share/dictd/gcide.dict.dz", "/usr/share/wordnet/data.*",
           "/usr/share/doc/git/html/*.html", "/usr/share/doc/lilypond/html/Documentation/*/*[a-z].html"],
    "ja": ["/usr/share/man/ja/man*/*.gz", "/usr/share/doc/debian-handbook/html/ja-JP/*.html",
           "/usr/share/doc/installation-guide-amd64/ja/*.html", "/usr/share/doc/libreoffice*/**/ja/**/*.html",
           "/usr/lib/libreoffice/help/ja/**/*.html", "/usr/share/libreoffice/help/ja/**/*.html",
           "/usr/share/gimp/2.0/help/ja/*.html", "/usr/share/debian-reference/*.ja.html",
           "/usr/share/doc/debian-reference-ja/**/*.html", "/usr/share/developers-reference/ja/*.html",
           "/usr/share/doc/developers-reference-ja/**/*.html", "/usr/share/doc/aptitude/html/ja/*.html",
           "/usr/share/doc/debian-edu-doc-ja/**/*.html", "/usr/share/doc/debian/FAQ/ja/*.html",
           "/usr/share/doc/debian-policy/ja/**/*.html", "/usr/share/doc/kicad/help/ja/**/*.html",
           "/usr/share/doc/lilypond/html/**/*.ja.html", "/usr/share/doc/maint-guide-ja/**/*.html",
           "/usr/share/help/ja/**/*.page", "/usr/share/doc/scilab-doc-ja/**/*.html", "/usr/share/edict/edict",
           "/usr/share/locale/ja/LC_MESSAGES/*.mo", "/usr/lib/libreoffice/program/resource/ja/LC_MESSAGES/*.mo"],
    "fr": ["/usr/share/man/fr/man*/*.gz", "/usr/share/doc/debian-handbook/html/fr-FR/*.html",
           "/usr/share/doc/installation-guide-amd64/fr/*.html", "/usr/lib/libreoffice/help/fr/**/*.html",
           "/usr/share/libreoffice/help/fr/**/*.html", "/usr/share/help/fr/**/*.page",
           "/usr/share/doc/lilypond/html/**/*.fr.html", "/usr/share/locale/fr/LC_MESSAGES/*.mo"],
    "de": ["/usr/share/man/de/man*/*.gz", "/usr/share/doc/debian-handbook/html/de-DE/*.html",
           "/usr/share/doc/installation-guide-amd64/de/*.html", "/usr/lib/libreoffice/help/de/**/*.html",
           "/usr/share/libreoffice/help/de/**/*.html", "/usr/share/help/de/**/*.page",
           "/usr/share/doc/lilypond/html/**/*.de.html", "/usr/share/locale/de/LC_MESSAGES/*.mo"],
    "es": ["/usr/share/man/es/man*/*.gz", "/usr/share/doc/debian-handbook/html/es-ES/*.html",
           "/usr/share/doc/installation-guide-amd64/es/*.html", "/usr/lib/libreoffice/help/es/**/*.html",
           "/usr/share/libreoffice/help/es/**/*.html", "/usr/share/help/es/**/*.page",
           "/usr/share/doc/lilypond/html/**/*.es.html", "/usr/share/locale/es/LC_MESSAGES/*.mo"],
    "ru": ["/usr/share/man/ru/man*/*.gz", "/usr/share/doc/debian-handbook/html/ru-RU/*.html",
           "/usr/share/doc/installation-guide-amd64/ru/*.html", "/usr/share/libreoffice/help/ru/**/*.html"],
    "zh": ["/usr/share/man/zh_CN/man*/*.gz", "/usr/share/man/zh_TW/man*/*.gz",
           "/usr/share/doc/debian-handbook/html/zh-*/*.html", "/usr/share/libreoffice/help/zh-CN/**/*.html",
           "/usr/share/doc/installation-guide-amd64/zh*/*.html"],
    "ko": ["/usr/share/doc/debian-handbook/html/ko-KR/*.html", "/usr/share/libreoffice/help/ko/**/*.html",
           "/usr/share/doc/installation-guide-amd64/ko/*.html", "/usr/share/help/ko/**/*.page"],
    "other": ["/usr/share/doc/debian-handbook/html/[a-z][a-z]-[A-Z][A-Z]/*.html",
              "/usr/share/doc/installation-guide-amd64/[a-z]*/*.html"],
    "code": ["/usr/lib/python3*/**/*.py", "/usr/include/**/*.h", "/usr/include/**/*.hpp", "/usr/lib/gcc/**/*.h",
             "/usr/share/perl/**/*.pm", "/usr/share/perl5/**/*.pm", "/usr/share/cmake-*/**/*.cmake",
             "/usr/share/nodejs/**/*.js", "/usr/share/doc/linux-doc-6.1/rst/**/*.rst.gz"],
    "latex": ["/usr/share/doc/texlive-doc/**/*.tex", "/usr/share/texlive/**/*.tex", "/usr/share/texlive/**/*.sty",
              "/usr/share/texmf*/**/*.tex", "/usr/share/metamath*/*.mm", "/usr/share/metamath/**/*.mm"],
    "dna": ["/usr/share/doc/bowtie2/**/*.f[aq]*", "/usr/share/doc/bowtie2-examples/**/*.f[aq]*",
            "/usr/share/bowtie2/**/*.f[aq]*", "/usr/share/ncbi/**/*.[fd]a*"],
    "binary": ["/usr/bin/[g-p]*"],
}
LIMIT = 400_000_000  # bytes of one text
SCRIPT = re.compile(r"<(script|style|head)\b.*?</\1>", re.S | re.I)
TAG = re.compile(r"<[^>]*>")
ROFF = re.compile(r"^['.]\s*\\?[\"A-Za-z]*[ \t]?", re.M)
ESCAPE = re.compile(r"\\f[BIRP]|\\&|\\[|^]")
BLANK = re.compile(r"\n[ \t\n]*\n")


def plain(path):
    if path.endswith(".mo"):
        out = subprocess.run(["msgunfmt", "--no-wrap", path], capture_output=True).stdout.decode("utf-8", "replace")
        strings = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', out, re.M)
        return "\n".join(s.replace("\\n", "\n").replace('\\"', '"') for s in strings)
    data = open(path, "rb").read(200_000_000)
    if path.endswith((".gz", ".dz")):
        data = gzip.decompress(data)
    if path.startswith("/usr/bin/"):
        return data
    if path.endswith("/edict"):
        return data.decode("euc-jp", "ignore")
    text = data.decode("utf-8", "ignore")
    if path.endswith((".html", ".page", ".htm")):
        text = html.unescape(TAG.sub("", SCRIPT.sub("", text)))
    elif "/man/" in path:
        text = ESCAPE.sub("", ROFF.sub("", text)).replace("\\-", "-").replace("\\(", "(")
    return BLANK.sub("\n\n", text)


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    seen = set()
    for name, patterns in LANGUAGES.items():
        size = 0
        with open(os.path.join(out, name + ".txt"), "wb") as target:
            for pattern in patterns:
                paths = sorted(p for p in glob.glob(pattern, recursive=True) if os.path.isfile(p))
                if not paths:
                    print(f"{name}: nothing at {pattern}", file=sys.stderr)
                for path in paths:
                    if size > LIMIT:
                        break
                    try:
                        text = plain(path)
                    except (OSError, EOFError, gzip.BadGzipFile) as trouble:
                        print(f"{path}: {trouble}", file=sys.stderr)
                        continue
                    data = text if isinstance(text, bytes) else text.encode("utf-8", "ignore")
                    key = hashlib.sha256(data).digest()
                    if key in seen or not data:
                        continue
                    seen.add(key)
                    target.write(data)
                    target.write(b"\n")
                    size += len(data) + 1
        print(f"{name}: {size / 1e6:.1f} MB")


main()

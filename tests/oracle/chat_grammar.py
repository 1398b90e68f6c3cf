"""Random small templates for chat_oracle.py --fuzz: expressions of every kind, and the statements around them."""

CONTEXT = {
    "messages": [{"role": "user", "content": "Hi <b> there"}, {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": {"a": 1, "b": [1, 2]}}]},
                 {"role": "user", "content": "é日本🙂 x"}],
    "s": "Hello, World", "t": "  two words\n", "u": "ÀÉß日本🙂", "e": "", "n": 7, "m": -3, "z": 0, "f": 2.5, "g": -0.125, "h": 1e20,
    "yes": True, "no": False, "nil": None, "l": [3, 1, 2], "w": ["b", "A", "c", "a"], "mixed": [1, "x", None, 2.5, [1]],
    "d": {"a": 1, "b": "two", "items": 3, "count": [1]}, "objs": [{"k": 2, "v": "B", "o": {"p": 1}}, {"k": 1, "v": "a"}, {"k": 2, "v": "b", "o": {"p": 2}}],
    "html": "<a href='x'>&\"</a>", "num": "42", "fnum": " 3.25 ", "lines": "one\n\ntwo\r\nthree", "csv": "a,b,,c",
}
NAMES = [name for name in CONTEXT] + ["missing", "i", "x", "ns"]
ATTRIBUTES = ["a", "b", "items", "count", "k", "v", "o", "role", "content", "tool_calls", "missing", "upper", "x", "0", "keys", "append"]
STRINGS = ["''", "'a'", "\"b c\"", "', '", "'l'", "'<&>'", "'é\\n'", "'%s-%s'", "'{} {}'", "'k'", "'a.b'", "'\\u00e9\\x41\\t'", "'o'", "'b'", "'%05.1f|%d'", "'{:>6}|{!r}'", "'upper'"]
FILTERS = ["abs", "batch(2)", "batch(2, 0)", "capitalize", "center(9)", "count", "length", "default('D')", "d('D', true)", "dictsort", "dictsort(by='value')",
           "dictsort(reverse=true)", "e", "escape", "first", "last", "float", "float(1.5)", "forceescape", "format(1, 'x')", "groupby('k')", "groupby('v')",
           "groupby('o.p', default=0)", "indent", "indent(2, true)", "indent('> ', blank=true)", "int", "int(9)", "int(0, 16)", "items", "join", "join(', ')",
           "join('|', attribute='v')", "list", "lower", "upper", "map('upper')", "map(attribute='k')", "map(attribute='o.p', default='-')", "map('default', 5)",
           "max", "min", "max(attribute='k')", "min(case_sensitive=true)", "reject('none')", "rejectattr('o')", "rejectattr('k', 'eq', 2)", "select", "select('string')",
           "select('gt', 1)", "selectattr('o', 'defined')", "selectattr('k', 'equalto', 2)", "replace('l', 'L')", "replace('', '-')", "replace('a', 'b', 1)", "reverse", "round", "round(1)",
           "round(1, 'floor')", "round(0, 'ceil')", "safe", "slice(2)", "slice(2, 'x')", "sort", "sort(reverse=true)", "sort(attribute='k')", "sort(attribute='v,k')",
           "sort(case_sensitive=true)", "string", "sum", "sum(attribute='k')", "sum(start=1.5)", "title", "tojson", "tojson(indent=2)", "tojson(separators=(',', ':'))",
           "tojson(sort_keys=true)", "tojson(ensure_ascii=true)", "trim", "trim('Hd ')", "truncate(5)", "truncate(6, true, '!')", "truncate(3, leeway=0)", "unique", "unique(attribute='k')",
           "urlencode", "wordcount", "xmlattr", "list|length", "map('string')|list", "list|tojson", "nofilter"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "mapping", "sequence", "iterable", "boolean", "true", "false", "odd", "even",
         "divisibleby(2)", "divisibleby 3", "eq 1", "equalto('a')", "ne(2)", "gt(1)", "lt 5", "ge(2)", "le(0)", "sameas(none)", "sameas true", "in [1, 'a']", "in('abc')",
         "callable", "lower", "upper", "escaped", "filter", "test", "greaterthan 2", "lessthan(2.5)"]
METHODS = ["upper()", "lower()", "strip()", "strip('H ')", "lstrip()", "rstrip('d\\n')", "split()", "split(',')", "split(None, 1)", "rsplit(' ', 1)", "splitlines()", "splitlines(true)",
           "startswith('H')", "endswith(('d', 'x'))", "replace('l', 'L', 1)", "title()", "capitalize()", "find('o')", "find('o', 5)", "rfind('o')", "index('l')", "count('l')",
           "join(w)", "join(['a', 'b'])", "format(1, 'y')", "isdigit()", "isalpha()", "isupper()", "islower()", "isspace()", "isalnum()", "zfill(5)", "center(11, '*')", "ljust(8)",
           "rjust(8, '.')", "partition(' ')", "rpartition('o')", "swapcase()", "removeprefix('He')", "removesuffix('ld')", "expandtabs(4)", "isnumeric()", "istitle()",
           "items()", "keys()", "values()", "get('a')", "get('zz', 0)", "get('b', default=1)", "copy()", "index(1)", "count(2)", "append(1)", "pop()", "update({})", "isidentifier()", "isprintable()",
           "split('l')[0]", "items()|list", "keys()|list|tojson", "values()|first", "__len__()", "encode", "isascii()", "isdecimal()"]
CONSTANTS = ["0", "1", "2", "-1", "10", "3.0", "0.1", "1e3", "true", "False", "none", "[]", "{}", "()", "1_000", "0x1F", "[1, 2, 3]", "{'a': 1, 'b': [2]}", "(1, 'x')", "[1, [2, 'é']]", "5 // 2"]


# What goes together, so that most templates render.
TEXTS = ["s", "t", "u", "e", "html", "num", "lines", "csv", "messages[0].content", "messages[2]['content']", "(html|safe)", "(html|e)", "missing"]
TEXT_FILTERS = [f for f in FILTERS if f.split("(")[0] in ("capitalize", "center", "count", "default", "e", "first", "last", "float", "forceescape", "indent", "int", "join", "list",
                "lower", "upper", "replace", "reverse", "safe", "string", "title", "tojson", "trim", "truncate", "urlencode", "wordcount", "length", "unique", "sort", "map")]
TEXT_METHODS = METHODS[:METHODS.index("items()")] + ["isidentifier()", "isprintable()", "split('l')[0]", "isascii()", "isdecimal()", "partition('o')|last"]
LISTS = ["l", "w", "objs", "messages", "[1, 2, 3]", "range(4)", "(1, 'x')", "d", "s.split('l')", "objs|map(attribute='k')|list", "d.values()"]
LIST_FILTERS = [f for f in FILTERS if f.split("(")[0] in ("batch", "slice", "count", "first", "last", "join", "length", "list", "map", "max", "min", "reject", "rejectattr", "select",
                "selectattr", "reverse", "sort", "sum", "unique", "groupby", "tojson", "string", "default")]
NUMBERS = ["n", "m", "f", "g", "z", "yes", "3", "2.5", "h", "l[0]", "(n / 3)", "loop.index"]
DICTS = ["d", "messages[0]", "objs[0]", "{'b': 1, 'A': s}", "messages[1].tool_calls[0].arguments"]


class Grammar:
    def __init__(self, random):
        self.random = random

    def pick(self, options):
        return self.random.choice(options)

    def expression(self, depth):
        r = self.random.random()
        if depth <= 0 or r < 0.16:
            return self.pick([lambda: self.pick(NAMES), lambda: self.pick(STRINGS), lambda: self.pick(CONSTANTS)])()
        if r < 0.6:
            return self.fitting(depth - 1)
        e = lambda: self.expression(depth - 1)
        kinds = [lambda: f"{e()} {self.pick(['+', '-', '*', '/', '//', '%', '**', '~'])} {e()}",
                 lambda: f"({e()}) {self.pick(['+', '-', '*', '~', '%'])} ({e()})",
                 lambda: f"{e()} {self.pick(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {e()}",
                 lambda: f"{e()} < {e()} <= {e()}",
                 lambda: f"{e()} {self.pick(['and', 'or'])} {e()}",
                 lambda: f"not {e()}", lambda: f"-{e()}", lambda: f"+{e()}",
                 lambda: f"({e()})|{self.pick(FILTERS)}", lambda: f"{self.pick(NAMES)}|{self.pick(FILTERS)}", lambda: f"{e()}|{self.pick(FILTERS)}|{self.pick(FILTERS)}",
                 lambda: f"{self.pick(NAMES)} is {self.pick(['', 'not '])}{self.pick(TESTS)}", lambda: f"({e()}) is {self.pick(TESTS)}",
                 lambda: f"{self.pick(NAMES)}.{self.pick(METHODS)}", lambda: f"({e()}).{self.pick(METHODS)}",
                 lambda: f"{self.pick(NAMES)}.{self.pick(ATTRIBUTES)}", lambda: f"{self.pick(NAMES)}[{e()}]", lambda: f"([{e()}, 1]|list)[{self.pick(['0', '-1', '1:', ':-1', '::-1', '1:3', '::2', '-2::-1', e()])}]",
                 lambda: f"({e()} if {e()} else {e()})", lambda: f"({e()} if {e()})", lambda: f"[{e()}, {e()}]", lambda: f"({e()}, {e()})", lambda: "{" + f"{e()}: {e()}" + "}",
                 lambda: f"{self.pick(['range(3)', 'range(5, 0, -2)', 'dict(a=1)', 'dict([(1, 2)])', 'namespace(a=1).a', 'joiner()()', 'cycler(1, 2).next()', 'range(2)|list'])}",
                 lambda: f"({e()})|string", lambda: f"({e()})|tojson", lambda: f"({e()})|list"]
        return self.pick(kinds)()

    def fitting(self, depth):
        p = self.pick
        texts, lists, numbers = (lambda: p(TEXTS)), (lambda: p(LISTS)), (lambda: p(NUMBERS[:-1]))
        end = lambda: p(["", "|list", "|join('-')", "|first", "|list|tojson", "|length", "|string"])
        return p([lambda: f"{texts()}|{p(TEXT_FILTERS)}", lambda: f"{texts()}.{p(TEXT_METHODS)}", lambda: f"{texts()} {p(['+', '~', '==', '<', 'in'])} {texts()}",
                  lambda: f"{texts()}[{p(['0', '-1', '1:', ':-1', '::-1', '1:3', '::2', '-2::-1', '100', ':n', 'm:'])}]", lambda: f"({texts()}|{p(TEXT_FILTERS)})|{p(TEXT_FILTERS)}",
                  lambda: f"{lists()}|{p(LIST_FILTERS)}{end()}", lambda: f"{lists()}|list|{p(LIST_FILTERS)}{end()}", lambda: f"({lists()}|list)[{p(['0', '1:', '::-1', '-1', ':2'])}]",
                  lambda: f"{numbers()} {p(['+', '-', '*', '/', '//', '%', '**', '<', '==', '>=', '~'])} {numbers()}", lambda: f"{numbers()}|{p(['abs', 'int', 'float', 'round', 'round(2)', 'string', 'tojson'])}",
                  lambda: f"{p(NUMBERS[:-1])} is {p(['odd', 'even', 'number', 'float', 'integer', 'divisibleby(3)', 'gt(2)', 'boolean'])}",
                  lambda: f"{p(DICTS)}.{p(['items()', 'keys()', 'values()'])}|list{end()}", lambda: f"{p(DICTS)}.get({p(STRINGS[:12])}, {self.expression(0)})", lambda: f"{p(DICTS)}|{p(['dictsort', 'items|list', 'tojson', 'length', 'list', 'xmlattr', 'string'])}",
                  lambda: f"{self.expression(0)} if {p(NAMES)} {p(['is defined', 'is string', 'is not none', ''])} else {self.expression(0)}".replace("is string else", "is string() else").replace("is defined else", "is defined() else"),
                  lambda: f"'{p(['%s', '%5s|', '%r', '%-6s|', '%d', '%05.2f', '%x', '%+d', '%e', '%g', '%.3s', '%%%s'])}' % {p(['(', ''])}".replace("% (", "% (n,) ") + (p(NAMES) if self.random.random() < .5 else "n"),
                  lambda: f"'{{:{p(['>8', '<8', '^9', '05', '.2f', ',', 'x', '+d', '*^9', '.1%', 'e', 'g', '#x', '_'])}}}'.format({numbers()})"])()

    def statements(self, depth, loop=False):
        return "".join(self.statement(depth, loop) for _ in range(self.random.randrange(1, 4)))

    def tag(self, text):
        return "{%" + self.pick(["", "", "-", "+"]) + " " + text + " " + self.pick(["", "", "-", "+"]) + "%}"

    def output(self, depth):
        return "{{" + self.pick(["", "", "-"]) + " " + self.expression(depth) + " " + self.pick(["", "", "-"]) + "}}"

    def statement(self, depth, loop):
        data = self.pick(["a ", " \n", "\n  ", "text", " b\n\n", "", "{", "é", "\r\n", "%}", "\t"])
        if depth <= 0:
            return data + self.output(1)
        e, t = lambda: self.expression(2), self.tag
        inner = lambda l=loop: self.statements(depth - 1, l)
        loops = ["loop.index", "loop.index0", "loop.first", "loop.last", "loop.length", "loop.revindex", "loop.previtem", "loop.nextitem", "loop.cycle('a', 'b')", "loop.changed(i)", "loop.depth", "loop.revindex0", "loop"]
        kinds = [lambda: self.output(3), lambda: self.output(2), lambda: data,
                 lambda: t(f"if {e()}") + inner() + self.pick(["", t(f"elif {e()}") + inner(), t("else") + inner()]) + t("endif"),
                 lambda: t(f"for {self.pick(['i', 'x', 'i, x'])} in {self.pick(['l', 'w', 'objs', 'd.items()', 'messages', 'range(3)', e()])}" +
                           self.pick(["", "", f" if {e()}", " recursive"])) + inner(True) + "{{ " + self.pick(loops) + " }}" + self.pick(["", t("else") + inner()]) + t("endfor"),
                 lambda: t(f"set {self.pick(['x', 'i', 'n', 's', 'x, i', 'q'])} = {e()}"), lambda: t(f"set ns = namespace(a={e()}, b=1)") + t(f"set ns.a = {e()}") + "{{ ns.a }}",
                 lambda: t(f"set {self.pick(['x', 'q'])}{self.pick(['', ' | upper', ' | length'])}") + inner() + t("endset") + "{{ x }}{{ q }}",
                 lambda: t(f"macro mac(x, i={e()})") + inner(False) + self.pick(["", "{{ caller() }}", "{{ varargs }}{{ kwargs }}"]) + t("endmacro") + "{{ mac(" + self.pick(["", e(), f"{e()}, {e()}", f"i={e()}", f"1, 2, 3, k={e()}"]) + ") }}",
                 lambda: t("macro cal(x)") + "[{{ caller(" + self.pick(["", "x"]) + ") }}]" + t("endmacro") + t(f"call{self.pick(['', '(x)'])} cal({e()})") + inner(False) + t("endcall"),
                 lambda: t(f"filter {self.pick(['upper', 'trim', 'indent(2)', 'replace(s, t)', 'title|lower', 'length'])}") + inner() + t("endfilter"),
                 lambda: t(f"with x = {e()}, i = {e()}") + inner() + t("endwith"), lambda: t("generation") + inner(False) + t("endgeneration"),
                 lambda: "{%" + self.pick(["", "-"]) + " raw " + self.pick(["", "-"]) + "%} {{ x }}\n {%" + self.pick(["", "-"]) + " endraw " + self.pick(["", "-"]) + "%}", lambda: "{#" + self.pick(["", "-", "+"]) + " c\n " + self.pick(["", "-", "+"]) + "#}\n",
                 lambda: (t(f"if {e()}") + t(self.pick(["break", "continue"])) + t("endif")) if loop else data]
        return data + self.pick(kinds)()

    def template(self):
        return self.statements(self.random.choice([0, 0, 0, 1, 1, 2, 3])) + self.pick(["", "\n", "\n\n"])

"""Compares our chat templates with transformers' own, byte for byte.

usage: python3 tests/oracle/chat_oracle.py BUILD FOLDER [--show N]     (pip install transformers jinja2)
       python3 tests/oracle/chat_oracle.py BUILD --fuzz COUNT [--seed N] [--show N]

Renders every *.jinja of FOLDER over many conversations (turns, system, tools, calls, thinking, images, documents,
flags, odd and wrong ones) with transformers' environment and with ours. Both must give the same bytes, or both fail; the
text of raise_exception must be the same. --fuzz does so with random small templates made from a grammar
(chat_grammar.py) instead. What ours refuses by name, or stops at a limit, is counted apart.
"""

import argparse
import collections
import datetime
import itertools
import json
import pathlib
import random
import struct
import subprocess
import warnings

import jinja2
import transformers.utils.chat_template_utils as utils

warnings.simplefilter("ignore")
NOW = 1_700_000_000


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc).replace(tzinfo=None)


utils.datetime = FixedTime

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "Weather of a place <now> & \"later\"",
    "parameters": {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "description": "Where: Zürich, 東京"},
        "days": {"type": "integer", "default": 3, "enum": [1, 3, 7]},
        "unit": {"type": ["string", "null"], "enum": ["C", "F", None]},
        "where": {"type": "object", "properties": {"lat": {"type": "number"}, "tags": {"type": "array", "items": {"type": "string"}}},
                  "required": ["lat"]}}},
    "return": {"type": "string", "description": "a text"}}}
ADD = {"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": {
    "type": "object", "properties": {"a": {"type": "number"}, "b": {"anyOf": [{"type": "number"}, {"type": "null"}]}}}}}
BARE = {"name": "now", "description": "the time", "parameters": {"type": "object", "properties": {}}}


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def call(name, arguments, id="call00001"):
    return {"type": "function", "id": id, "function": {"name": name, "arguments": arguments}}


SYSTEM = {"role": "system", "content": "You are  a helpful\nassistant. "}
CALLS = [call("get_weather", {"city": "Zürich", "days": 3, "x": 1.5, "f": [True, None, {"k": "v'\""}]}), call("add", {"a": 1}, "call00002")]
PARTS = [{"type": "text", "text": " What is <this>? "}, {"type": "image", "image": "x.png"}, {"type": "image_url", "image_url": {"url": "u"}},
         {"type": "text", "text": "é日本🙂"}]

CONVERSATIONS = {
    "one": [user("Hi  there\n")],
    "system": [SYSTEM, user("Hello")],
    "turns": [user("Hi"), assistant("Hello! "), user("1 < 2 & \"so\"?"), assistant("Yes."), user("Bye")],
    "system turns": [SYSTEM, user("Hi"), assistant("Hello"), user("What now?")],
    "ends with assistant": [SYSTEM, user("Hi"), assistant("Well, I")],
    "unicode": [user("日本語 🙂 \u00a0é\u200b"), assistant("ÀÉ ß"), user("\tend ")],
    "thinking": [user("2+2?"), assistant("<think>\nadd them\n</think>\n\n4"), user("3+3?"), assistant("<think>x</think>6"), user("ok /no_think")],
    "reasoning": [user("2+2?"), assistant("4", reasoning_content="add \nthem", thinking="add"), user("more"), assistant("6", reasoning_content="")],
    "tool call": [SYSTEM, user("Weather?"), assistant("", tool_calls=CALLS[:1]),
                  {"role": "tool", "name": "get_weather", "tool_call_id": "call00001", "content": "22 °C"}, assistant("It is 22."), user("Thanks")],
    "tool calls": [user("Weather?"), assistant(None, tool_calls=CALLS), {"role": "tool", "name": "get_weather", "content": "{\"t\": 22}", "tool_call_id": "call00001"},
                   {"role": "tool", "name": "add", "content": {"sum": 2.0, "ok": True}, "tool_call_id": "call00002"}],
    "text arguments": [user("Weather?"), assistant("I look.", tool_calls=[call("get_weather", "{\"city\": \"Rome\"}")]), {"role": "tool", "content": "ok", "tool_call_id": "call00001"}],
    "call without content": [user("W?"), {"role": "assistant", "tool_calls": [{"name": "now", "arguments": {}}]}, {"role": "ipython", "content": "noon"}],
    "parts": [{"role": "system", "content": [{"type": "text", "text": "Sys"}]}, user(PARTS), assistant([{"type": "text", "text": "A picture"}]), user("And?")],
    "tool parts": [user("W?"), assistant("", tool_calls=CALLS[:1]), {"role": "tool", "tool_call_id": "call00001", "content": [{"type": "text", "text": "fine"}]}],
    "developer": [{"role": "developer", "content": "Be brief."}, user("Hi")],
    "wrong order": [user("a"), user("b")],
    "assistant first": [assistant("Hello"), user("b")],
    "two systems": [SYSTEM, user("x"), SYSTEM, user("y")],
    "odd role": [user("x"), {"role": "observer", "content": "y"}],
    "empty content": [user(""), assistant(""), user(" ")],
    "no content": [{"role": "user"}],
    "null content": [user(None)],
    "none": [],
    "number": [user(5), assistant(1.5)],
    "long": [user("line\n" * 50)] + [m for i in range(20) for m in (assistant(f"answer {i}"), user(f"question {i}\r\n"))],
}
TOOLS = [None, [WEATHER], [WEATHER, ADD], [BARE], []]
FLAGS = [{}, {"enable_thinking": False}, {"enable_thinking": True}, {"date_string": "1 Jan 2024", "tools_in_user_message": False},
         {"documents": [{"title": "Doc", "text": "One\ntwo"}, {"title": "B", "text": "x"}]}, {"reasoning_effort": "high", "builtin_tools": ["browser", "python"]},
         {"thinking": True, "xml_tools": [BARE], "keep_past_thinking": True, "preserve_thinking": True}, {"custom_tools": [ADD], "model_identity": "I am X."}]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


def contexts():
    made = []
    for (name, messages), tools, generate in itertools.product(CONVERSATIONS.items(), TOOLS[:3], (False, True)):
        made.append((f"{name}, tools {tools is not None and len(tools)}, prompt {generate}",
                     {**TOKENS, "messages": messages, "tools": tools, "documents": None, "add_generation_prompt": generate}))
    for (name, messages), (flag, tools) in itertools.product(CONVERSATIONS.items(), zip(FLAGS, itertools.cycle(TOOLS))):
        made.append((f"{name}, {flag}", {**TOKENS, "messages": messages, "tools": tools, "documents": None, "add_generation_prompt": True, **flag}))
    made.append(("without tokens", {"messages": CONVERSATIONS["turns"], "tools": None, "documents": None, "add_generation_prompt": True}))
    return made


def theirs(source, context_texts):
    """For each context (kind, text): 0 rendered, 1 failed, with the message of raise_exception."""
    try:
        template = utils._cached_compile_jinja_template(source)
    except Exception as error:
        return [(1, f"{type(error).__name__}: {error}", False)] * len(context_texts)
    answers = []
    for text in context_texts:
        try:
            rendered = template.render(**json.loads(text))
            rendered.encode()
            answers.append((0, rendered, False))
        except Exception as error:
            answers.append((1, str(error), type(error) is jinja2.exceptions.TemplateError))
    return answers


def ours(build, requests):
    data = b""
    for source, context_texts in requests:
        encoded = source.encode()
        data += struct.pack("<I", len(encoded)) + encoded + struct.pack("<I", len(context_texts))
        data += b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in context_texts)
    out = subprocess.run([pathlib.Path(build) / "chat_dump"], input=data, capture_output=True, check=True).stdout
    at = 0
    for _, context_texts in requests:
        answers = []
        for _ in context_texts:
            kind, size = struct.unpack_from("<II", out, at)
            answers.append((kind, out[at + 8:at + 8 + size].decode()))
            at += 8 + size
        yield answers


def agree(mine, their):
    if mine[0] == 0 or their[0] == 0:
        return mine[0] == their[0] and mine[1] == their[1]
    return not their[2] or mine[1].rsplit(" @ ", 1)[0] == their[1]


def excused(mine, their):
    """Why a difference does not count: what ours refuses by name or bounds."""
    for words in ("is not in the subset", "is not in the subset", "does not fit", "cannot be printed", "not in the subset"):
        if mine[0] and words in mine[1]:
            return words
    if mine[0] == 2:
        return "limit"
    return None


def shorten(text):
    return repr(text if len(text) < 600 else text[:600] + "…")


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return repr(a[max(0, at - 60):at + 60]), repr(b[max(0, at - 60):at + 60])


def compare(build, requests, names, show):
    counts, shown, whole = collections.Counter(), 0, 0
    for (source, texts), name, answers in zip(requests, names, ours(build, requests)):
        all_same = True
        for text, mine, their in zip(texts, answers, theirs(source, texts)):
            if agree(mine, their):
                counts["same text" if mine[0] == 0 else "both fail"] += 1
                continue
            why = excused(mine, their)
            counts[f"refused: {why}" if why else "DIFFERENT"] += 1
            all_same = False
            if shown < show and (why is None or show > 1000):
                shown += 1
                print(f"--- {name}: context {texts.index(text)} {why or ''}\n{source if len(source) < 500 else ''}")
                if mine[0] == 0 == their[0]:
                    print("ours  %s\ntheirs %s" % first_difference(mine[1], their[1]))
                else:
                    print(f"ours   {mine[0]} {shorten(mine[1])}\ntheirs {their[0]} {shorten(their[1])}")
        whole += all_same
    print(f"{len(requests)} templates, {whole} agree throughout; of {sum(counts.values())} renderings: " +
          ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return counts["DIFFERENT"]


parser = argparse.ArgumentParser()
parser.add_argument("build")
parser.add_argument("folder", nargs="?")
parser.add_argument("--fuzz", type=int, default=0)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--show", type=int, default=10)
arguments = parser.parse_args()
different = 0
if arguments.folder:
    paths = sorted(pathlib.Path(arguments.folder).glob("*.jinja"))
    texts = [json.dumps(context) for _, context in contexts()]
    different = compare(arguments.build, [(path.read_bytes().decode(), texts) for path in paths], [path.name for path in paths], arguments.show)
if arguments.fuzz:
    import chat_grammar
    grammar = chat_grammar.Grammar(random.Random(arguments.seed))
    requests = [(grammar.template(), [json.dumps(chat_grammar.CONTEXT)]) for _ in range(arguments.fuzz)]
    different += compare(arguments.build, requests, [f"random {i}" for i in range(len(requests))], arguments.show)
raise SystemExit(different != 0)

"""Gives texts that our token masks allow to jsonschema.

usage: python3 tests/oracle/constrain_oracle.py BUILD FILE.tiktoken SCHEME [--schemas N] [--walks N] [--seed N]
       (pip install jsonschema)

Random schemas of the supported keywords; random walks through the masks of a real vocabulary, a token at a time
(BUILD/constrain_walks); every text must be JSON that jsonschema finds valid, formats included. oneOf is taken as
anyOf. Refused schemas (they contradict themselves, mostly) are counted apart.
"""

import argparse
import collections
import decimal
import json
import random
import subprocess

import jsonschema

NAMES = ["a", "b", "name", "value", "caf\u00e9", "x y", "\"q\"", "id"]
PATTERNS = ["^[a-z]{2,6}$", "^\\d{3}-\\d{4}$", "b+", "^(red|green|blue)$", "^[A-Z][a-z]*( [A-Z][a-z]*)?$", "^[^\"\\\\]{0,8}$",
            "^[\u3042-\u3093]+$", "^\\w+@\\w+\\.com$", "x|^y", "^[\\s\\S]{1,3}$"]
FORMATS = ["date", "time", "date-time", "uuid", "ipv4", "ipv6", "email"]
LITERALS = ["red", "gr\u00fcn", "\u3042", "a\"b\\c\n", 1, -2.5, 0, True, None, [], [1, "x"], {}, {"k": [None, {"z": 1}]}]


def string(rng):
    schema = {"type": "string"}
    kind = rng.randrange(5)
    if kind == 0:
        schema["pattern"] = rng.choice(PATTERNS)
    elif kind == 1:
        schema["format"] = rng.choice(FORMATS)
    elif kind == 2:
        schema["minLength"] = rng.randrange(5)
        schema["maxLength"] = schema["minLength"] + rng.choice([0, 1, 7, 300])
    elif kind == 3:
        schema["pattern"] = rng.choice(PATTERNS)
        schema["maxLength"] = rng.randrange(3, 12)
    return schema


def number(rng):
    schema = {"type": rng.choice(["integer", "number"])}
    values = [-1000, -7.5, -1, -0.001, 0, 0.25, 3, 9.99, 10, 12345, 1e9]
    if rng.random() < 0.5:
        schema[rng.choice(["minimum", "exclusiveMinimum"])] = rng.choice(values)
    if rng.random() < 0.5:
        schema[rng.choice(["maximum", "exclusiveMaximum"])] = rng.choice(values)
    if rng.random() < 0.2:
        schema["multipleOf"] = rng.choice([1, 2, 7, 60])
    return schema


def obj(rng, depth):
    names = rng.sample(NAMES, rng.randrange(len(NAMES)))
    schema = {"type": "object"}
    if names:
        schema["properties"] = {name: schema_of(rng, depth - 1) for name in names}
        schema["required"] = [name for name in names if rng.random() < 0.4]
    if rng.random() < 0.5:
        schema["additionalProperties"] = rng.choice([False, True, schema_of(rng, 0)])
    return schema


def array(rng, depth):
    schema = {"type": "array"}
    if rng.random() < 0.7:
        schema["items"] = schema_of(rng, depth - 1)
    if rng.random() < 0.3:
        schema["prefixItems"] = [schema_of(rng, depth - 1) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.4:
        schema["minItems"] = rng.randrange(4)
    if rng.random() < 0.4:
        schema["maxItems"] = rng.randrange(6)
    return schema


def schema_of(rng, depth):
    kind = rng.randrange(10 if depth > 0 else 6)
    if kind == 0:
        return {"type": rng.choice(["boolean", "null"])}
    if kind in (1, 2):
        return string(rng)
    if kind == 3:
        return number(rng)
    if kind == 4:
        return {"enum": rng.sample(LITERALS, rng.randrange(1, 6))} if rng.random() < 0.7 else {"const": rng.choice(LITERALS)}
    if kind == 5:
        return rng.choice([{}, {"$ref": "#/$defs/" + rng.choice("pq")}, {"type": rng.sample(["string", "integer", "null"], 2)}])
    if kind == 6:
        return array(rng, depth)
    if kind in (7, 8):
        return obj(rng, depth)
    alternatives = [schema_of(rng, depth - 1) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.4:
        return {"allOf": [obj(rng, depth), obj(rng, depth)]}
    if rng.random() < 0.3:
        return obj(rng, depth) | {"anyOf": [obj(rng, depth - 1), obj(rng, depth - 1)]}
    return {rng.choice(["anyOf", "oneOf"]): alternatives}


def document(rng):
    schema = schema_of(rng, 3)
    return schema | {"$defs": {"p": schema_of(rng, 2), "q": obj(rng, 2)}}


def any_of(schema):
    if isinstance(schema, list):
        return [any_of(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {"anyOf" if key == "oneOf" else key: value if key in ("enum", "const") else any_of(value) for key, value in schema.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("file")
    parser.add_argument("scheme")
    parser.add_argument("--schemas", type=int, default=300)
    parser.add_argument("--walks", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    schemas = [document(rng) for _ in range(arguments.schemas)]
    command = [arguments.build + "/constrain_walks", arguments.file, arguments.scheme, str(arguments.walks), str(arguments.seed)]
    lines = "".join(json.dumps(schema) + "\n" for schema in schemas)
    answers = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(schemas)
    counts = collections.Counter()
    refusals = collections.Counter()
    for schema, line in zip(schemas, answers):
        answer = json.loads(line)
        if "error" in answer:
            counts["refused"] += 1
            refusals[answer["error"][:70]] += 1
            continue
        counts["compiled"] += 1
        validator = jsonschema.Draft202012Validator(any_of(schema), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        for text in answer["texts"]:
            counts["texts"] += 1
            try:
                fault = next(validator.iter_errors(json.loads(text, parse_float=decimal.Decimal)), None)
                message = fault and fault.message
            except ValueError as error:
                message = str(error)
            if message:
                counts["wrong"] += 1
                if counts["wrong"] <= 5:
                    print("schema", json.dumps(schema), "\ntext  ", text, "\nfault ", message[:300])
    for error, count in refusals.most_common():
        print(f"{count:6} {error}")
    print(dict(counts))
    raise SystemExit(1 if counts["wrong"] or not counts["texts"] else 0)


if __name__ == "__main__":
    main()

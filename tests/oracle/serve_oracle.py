#!/usr/bin/env python3
"""Drives a running `aurora serve` with the official openai client: chat, streaming, tools, JSON schema, embeddings,
completions with log-probabilities, responses. What comes back is checked for shape and sense.

usage: tests/oracle/serve_oracle.py http://127.0.0.1:8080 [KEY]
       (pip install openai jsonschema)
"""

import json
import sys

import openai

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def models_are_listed(client, model):
    assert model in [one.id for one in client.models.list()]
    assert client.models.retrieve(model).id == model


@check
def a_chat_is_answered_twice_alike(client, model):
    ask = dict(model=model, messages=[{"role": "user", "content": "Hello"}], max_tokens=8, seed=5, logprobs=True, top_logprobs=3)
    first, second = client.chat.completions.create(**ask), client.chat.completions.create(**ask)
    assert first.choices[0].message.content == second.choices[0].message.content
    assert first.usage.completion_tokens <= 8
    tokens = first.choices[0].logprobs.content
    assert all(len(token.top_logprobs) == 3 and token.logprob <= 0 for token in tokens)
    assert [t.logprob for t in tokens] == [t.logprob for t in second.choices[0].logprobs.content]


@check
def a_stream_is_the_same_text(client, model):
    ask = dict(model=model, messages=[{"role": "user", "content": "Hello"}], max_tokens=12, seed=5)
    whole = client.chat.completions.create(**ask).choices[0].message.content
    pieces = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    assert "".join(p.choices[0].delta.content or "" for p in pieces if p.choices) == whole
    assert pieces[-1].usage.total_tokens > 0


@check
def several_choices_differ_or_not_but_are_there(client, model):
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello"}], n=3, max_tokens=4)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]


TOOLS = [{"type": "function", "function": {"name": "add", "description": "adds", "parameters": {
    "type": "object", "properties": {"a": {"type": "integer"}, "b": {"enum": [1, 2]}}, "required": ["a", "b"], "additionalProperties": False}}}]


@check
def a_required_tool_is_called_with_its_schema(client, model):
    import jsonschema

    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "1+2"}], tools=TOOLS,
                                            tool_choice={"type": "function", "function": {"name": "add"}}, seed=1)
    choice = answer.choices[0]
    if choice.finish_reason == "length":  # a small model may write digits for ever
        return "cut short"
    call = choice.message.tool_calls[0]
    jsonschema.validate(json.loads(call.function.arguments), TOOLS[0]["function"]["parameters"])
    follow = [{"role": "user", "content": "1+2"}, choice.message.model_dump(exclude_none=True),
              {"role": "tool", "tool_call_id": call.id, "content": "3"}]
    client.chat.completions.create(model=model, messages=follow, tools=TOOLS, max_tokens=4)


SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}, "kind": {"enum": ["a", "b"]}},
          "required": ["ok", "kind"], "additionalProperties": False}


@check
def an_answer_keeps_to_a_schema(client, model):
    import jsonschema

    for seed in range(3):
        answer = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "JSON"}], seed=seed,
            response_format={"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}})
        jsonschema.validate(json.loads(answer.choices[0].message.content), SCHEMA)


@check
def embeddings_have_length_one(client, model):
    answer = client.embeddings.create(model=model, input=["Hello", "World"])  # the client asks for base64
    for one in answer.data:
        assert abs(sum(x * x for x in one.embedding) - 1) < 1e-3
    plain = client.embeddings.create(model=model, input="Hello", encoding_format="float")
    assert max(abs(a - b) for a, b in zip(plain.data[0].embedding, answer.data[0].embedding)) < 1e-6


@check
def completions_echo_their_prompt(client, model):
    answer = client.completions.create(model=model, prompt="Hello", echo=True, logprobs=2, max_tokens=1, temperature=0)
    choice = answer.choices[0]
    assert choice.text.startswith("Hello")
    count = len(choice.logprobs.tokens)
    assert len(choice.logprobs.token_logprobs) == len(choice.logprobs.top_logprobs) == count
    assert choice.logprobs.token_logprobs[0] is None


@check
def responses_answer_and_stream(client, model):
    answer = client.responses.create(model=model, input="Hello", max_output_tokens=8, extra_body={"seed": 5})
    text = ""
    with client.responses.stream(model=model, input="Hello", max_output_tokens=8, extra_body={"seed": 5}) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
    assert text == answer.output_text, (text, answer.output_text)


@check
def errors_are_the_clients_own(client, model):
    for call, kind in [(lambda: client.chat.completions.create(model="no such", messages=[{"role": "user", "content": "x"}]), openai.NotFoundError),
                       (lambda: client.chat.completions.create(model=model, messages=[]), openai.BadRequestError),
                       (lambda: client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}], temperature=9), openai.BadRequestError)]:
        try:
            call()
        except kind as error:
            assert error.body["message"]
            continue
        raise AssertionError(f"no {kind.__name__}")


def main():
    client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2] if len(sys.argv) > 2 else "none", max_retries=0)
    model = next(iter(client.models.list())).id
    failed = 0
    for function in CHECKS:
        try:
            said = function(client, model)
            print(f"ok      {function.__name__}{': ' + said if said else ''}")
        except Exception as error:  # noqa: BLE001
            failed += 1
            print(f"FAILED  {function.__name__}: {type(error).__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

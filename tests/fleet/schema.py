# SPDX-License-Identifier: Apache-2.0
"""Answers held against openapi.json: the part of JSON Schema that it uses, no more. What it
does not know it refuses, so that nothing is taken for checked that is not."""
import json
import re
from pathlib import Path

DOCUMENT = json.loads((Path(__file__).resolve().parents[2] / "examples" / "fleet" /
                       "server" / "openapi.json").read_text(encoding="utf-8"))
KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "const",
         "pattern", "minimum", "maximum", "minItems", "maxItems", "maxLength", "oneOf",
         "$ref", "description", "format"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "null": type(None)}
held = set()  # (method, path, status) that some answer had


class Wrong(AssertionError):
    pass


def resolve(node):
    while "$ref" in node:
        at = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        node = at
    return node


def is_a(value, name):
    if name in ("integer", "number"):
        kinds = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check(value, rule, where="answer"):
    """Wrong says where."""
    def want(good, what):
        if not good:
            raise Wrong(f"{where}: {what}: {json.dumps(value)[:300]}")

    rule = resolve(rule)
    unknown = set(rule) - KNOWN
    want(not unknown, f"schema.py does not know {unknown}")
    types = rule.get("type", [])
    types = [types] if isinstance(types, str) else types
    want(not types or any(is_a(value, t) for t in types), f"is not {types}")
    want("enum" not in rule or value in rule["enum"], f"is none of {rule.get('enum')}")
    want("const" not in rule or value == rule["const"], f"is not {rule.get('const')}")
    if "oneOf" in rule:
        fits = [r for r in rule["oneOf"] if not failure(value, r, where)]
        want(len(fits) == 1, f"fits {len(fits)} of {len(rule['oneOf'])}: "
             f"{failure(value, rule['oneOf'][0], where)}")
    check_size(value, rule, want)
    if isinstance(value, list) and "items" in rule:
        for i, item in enumerate(value):
            check(item, rule["items"], f"{where}/{i}")
    if isinstance(value, dict):
        check_members(value, rule, where, want)


def failure(value, rule, where):
    try:
        check(value, rule, where)
    except Wrong as wrong:
        return str(wrong)
    return None


def check_size(value, rule, want):
    if isinstance(value, str):
        want(re.search(rule.get("pattern", ""), value), f"is not {rule.get('pattern')}")
        want(len(value) <= rule.get("maxLength", len(value)), "is too long")
    if isinstance(value, list):
        want(rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)),
             "has too few or too many")
    if is_a(value, "number"):
        want(rule.get("minimum", value) <= value <= rule.get("maximum", value),
             "is too small or too large")


def check_members(value, rule, where, want):
    members, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    for name in rule.get("required", []):
        want(name in value, f"has no {name}")
    for name, member in value.items():
        if name in members:
            check(member, members[name], f"{where}/{name}")
        else:
            want(others is not False, f"has a {name} that is not described")
            if isinstance(others, dict):
                check(member, others, f"{where}/{name}")


# ---- requests ------------------------------------------------------------------------


def template_of(path):
    """The path as the document has it, or None."""
    path = path.split("?")[0]
    for template in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            return template
    return None


def hold(method, path, answer):
    """The answer must be one that openapi.json describes."""
    template = template_of(path)
    if template is None:
        raise Wrong(f"{path} is not in openapi.json")
    operation = DOCUMENT["paths"][template].get(method.replace("HEAD", "GET").lower())
    if operation is None:
        raise Wrong(f"{method} {path} is not in openapi.json")
    described = operation["responses"].get(str(answer.status))
    if described is None:
        raise Wrong(f"{method} {path}: {answer.status} is not described: {answer.body}")
    held.add((method, template, answer.status))
    described = resolve(described)
    for header in described.get("headers", {}):
        if header not in answer.headers:
            raise Wrong(f"{method} {path}: {answer.status} without {header}")
    hold_body(f"{method} {path}: {answer.status}", described.get("content"), answer)


def hold_body(where, content, answer):
    if content is None or not answer.body:
        return
    kind = answer.headers.get_content_type()
    if kind not in content:
        raise Wrong(f"{where}: {kind} is not described")
    if kind.endswith("json"):
        check(answer.json, content[kind]["schema"], where)


def operations():
    """(method, path) of all that are described."""
    return {(method.upper(), path) for path, item in DOCUMENT["paths"].items()
            for method in item}

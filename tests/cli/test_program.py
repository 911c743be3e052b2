"""`program list|show|new|schema` as their user sees them."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.kinds.catalogue import KINDS
from incentivectl.program_files.schema import program_schema, schema_text
from tests.small_workspace import REBATE, as_json, incentivectl, settle, write_workspace

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "programs").glob("*.toml"))


def test_list_without_a_run(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    assert as_json("program", "list", "-w", root)["programs"] == [
        {
            "program": "volume",
            "name": "Volume rebate",
            "kind": "rebate",
            "starts": "2026-07-01",
            "ends": "2026-09-30",
            "complexity": 3,  # two tiers and a reward
            "cost": None,
            "currency": "USD",
        }
    ]


def test_list_sums_the_entitlements_of_the_newest_run(tmp_path: Path) -> None:
    """832 + 45.03 + 5 by September, whichever run came last; P3 sold nothing before."""
    root = write_workspace(tmp_path / "w")
    settle(root, "2026-09")
    settle(root, "2026-08")
    result = incentivectl("program", "list", "-w", root, "--format", "json")
    told = json.loads(result.stdout)
    assert told["cost_period"] == "2026-09"
    assert Decimal(told["programs"][0]["cost"]) == Decimal("882.03")
    assert "by the run of 2026-09" in incentivectl("program", "list", "-w", root).stdout


def test_list_tells_sound_programs_and_what_is_wrong_with_others(tmp_path: Path) -> None:
    broken = REBATE.replace('"volume"', '"other"').replace("tiers", "teirs")
    root = write_workspace(tmp_path / "w", programs={"volume": REBATE, "other": broken})
    result = incentivectl("program", "list", "-w", root)
    assert result.exit_code == 3
    assert "volume" in result.stdout
    assert "teirs" in result.stderr


def test_show_tells_the_rules(tmp_path: Path) -> None:
    program = REBATE + '[[example]]\nname = "top"\nsales = [{ amount = 10_400 }]\nexpect = 832\n'
    root = write_workspace(tmp_path / "w", programs={"volume": program})
    result = incentivectl("program", "show", "volume", "-w", root)
    assert result.exit_code == 0
    for part in (
        "Volume rebate",
        "from 1 July 2026 through 30 September 2026",
        "From 0 USD of revenue to below 10,000 USD: 5 % of revenue.",
        "From 10,000 USD of revenue on: 8 % of revenue.",
        "The payee earns 832 USD.",
    ):
        assert part in result.stdout
    row = next(line for line in result.stdout.splitlines() if line.strip().startswith("10,000"))
    assert row.split() == ["10,000", "8", "%", "800"]


@pytest.mark.parametrize("form", ["json", "csv", "md", "table"])
def test_show_in_every_format(tmp_path: Path, form: str) -> None:
    root = write_workspace(tmp_path / "w")
    result = incentivectl("program", "show", "volume", "-w", root, "--format", form)
    assert result.exit_code == 0
    assert "1 July 2026" in result.stdout
    if form == "json":
        assert json.loads(result.stdout)["about"][0]["sentence"].startswith("A rebate")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("show", "volumes"), "unknown program `volumes`", "did you mean `volume`?"),
        (("show", "zzz"), "unknown program `zzz`", "choose from volume"),
    ],
)
def test_an_unknown_id(tmp_path: Path, arguments: tuple[str, ...], message: str, hint: str) -> None:
    result = incentivectl("program", *arguments, "-w", write_workspace(tmp_path / "w"))
    assert result.exit_code == 2
    assert message in result.stderr
    assert hint in result.stderr


@pytest.mark.parametrize("arguments", [("new", "rebat"), ("schema", "--kind", "rebat")])
def test_an_unknown_kind(arguments: tuple[str, ...]) -> None:
    result = incentivectl("program", *arguments)
    assert result.exit_code == 2
    assert "unknown program kind `rebat`" in result.stderr
    assert "did you mean `rebate`?" in result.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_program_passes_check(tmp_path: Path, kind: str) -> None:
    root = write_workspace(tmp_path / "w")
    file = root / "programs" / "next-year.toml"
    assert incentivectl("program", "new", kind.replace("_", "-"), "-o", file).exit_code == 0
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    assert (data["id"], data["kind"]) == ("next-year", kind)
    result = incentivectl("check", "-w", root, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert "next-year.toml" not in result.stderr
    assert json.loads(result.stdout)["examples"] == 1


def test_new_prints_and_never_overwrites(tmp_path: Path) -> None:
    result = incentivectl("program", "new", "mdf")
    assert tomllib.loads(result.stdout)["id"] == "my-mdf"
    file = tmp_path / "mine.toml"
    file.write_text("mine", encoding="utf-8")
    refused = incentivectl("program", "new", "mdf", "-o", file)
    assert refused.exit_code == 2
    assert file.read_text(encoding="utf-8") == "mine"


def test_the_committed_schema_is_the_one_printed(tmp_path: Path) -> None:
    committed = (ROOT / "programs" / "program.schema.json").read_text(encoding="utf-8")
    assert incentivectl("program", "schema").stdout == committed
    file = tmp_path / "s.json"
    assert incentivectl("program", "schema", "-o", file).exit_code == 0
    assert file.read_text(encoding="utf-8") == committed


def test_the_schema_of_one_kind() -> None:
    told = json.loads(incentivectl("program", "schema", "--kind", "contest").stdout)
    assert told["oneOf"] == [{"$ref": "#/$defs/ContestProgram"}]
    assert "MdfProgram" not in told["$defs"]
    assert "tiers" not in told["$defs"]["ContestReward"]["properties"]
    assert "null" not in schema_text("contest")


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_samples_name_the_schema_and_fit_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("#:schema ./program.schema.json\n")
    data = tomllib.loads(text)
    schema = program_schema()
    model = schema["$defs"][KINDS[data["kind"]].model.__name__]
    assert model["properties"]["kind"]["const"] == data["kind"]
    assert _misfits(data, model, schema["$defs"]) == []


def test_misfits_are_found() -> None:
    """The little validator above does see what is wrong."""
    schema = program_schema("rebate")
    model = schema["$defs"]["RebateProgram"]
    data = tomllib.loads(REBATE.replace("rate", "raet", 1).replace('kind = "rebate"', ""))
    assert _misfits(data, model, schema["$defs"]) != []
    data = tomllib.loads(REBATE.replace('"quarter"', '"week"'))
    assert _misfits(data, model, schema["$defs"]) == ["'week'"]


def _misfits(value: object, schema: dict, definitions: dict) -> list[str]:
    """What of `value` does not fit, as far as keys, choices and types tell."""
    if "$ref" in schema:
        return _misfits(value, definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        found = [_misfits(value, option, definitions) for option in schema["anyOf"]]
        return min(found, key=len)
    if "enum" in schema and value not in schema["enum"]:
        return [repr(value)]
    if "const" in schema and value != schema["const"]:
        return [repr(value)]
    types = {"object": dict, "array": list, "number": (int, float), "integer": int, "boolean": bool}
    wanted = schema.get("type", [])
    known = [
        types[name] for name in ([wanted] if isinstance(wanted, str) else wanted) if name in types
    ]
    if known and "string" not in wanted and not any(isinstance(value, one) for one in known):
        return [repr(value)]
    misfits: list[str] = []
    if isinstance(value, dict):
        misfits += [f"{key} missing" for key in schema.get("required", []) if key not in value]
        for key, inner in value.items():
            below = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            misfits += [key] if below is False else _misfits(inner, below or {}, definitions)
    elif isinstance(value, list):
        for inner in value:
            misfits += _misfits(inner, schema.get("items", {}), definitions)
    elif wanted in ("object", "array"):
        misfits.append(repr(value))
    return misfits

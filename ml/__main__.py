"""python -m ml predict|evaluate|check|judge: the same functions from a shell."""

import argparse
import json
import sys
from pathlib import Path

from ml.bundle import load_bundle
from ml.errors import BadInput, MLError
from ml.evaluate import evaluate
from ml.judge import judge
from ml.manifest import read_manifest
from ml.predict import open_checked, predict


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when everything asked was answered, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("predict", help="recognise files, one JSON answer per line")
    one.add_argument("bundle", type=Path)
    one.add_argument("files", type=Path, nargs="+")
    worth = commands.add_parser("evaluate", help="measure a bundle on the split of a dataset")
    worth.add_argument("bundle", type=Path)
    worth.add_argument("manifest", type=Path, help="the dataset manifest, manifest.jsonl")
    worth.add_argument("--data", type=Path, required=True, help="where its paths start")
    worth.add_argument("--split", choices=("train", "val", "test"), default="test")
    check = commands.add_parser("check", help="verify bundles: card, sha256, self-test")
    check.add_argument("bundles", type=Path, nargs="+")
    gate = commands.add_parser("judge", help="may a challenger take over? 1 if it may not")
    gate.add_argument("champion", type=Path)
    gate.add_argument("challenger", type=Path)
    gate.add_argument("manifest", type=Path, help="the dataset manifest, whose test split is put")
    gate.add_argument("--data", type=Path, required=True, help="where its paths start")
    gate.add_argument("--canaries", type=Path, help="the manifest of past failures, same folder")
    gate.add_argument("--best", type=Path, help="the best champion there was")
    gate.add_argument("--node", type=Path, metavar="PWA", help="the folder of the browser's app")
    options = parser.parse_args(arguments)
    try:
        if options.command == "predict":
            return _predict(options.bundle, options.files)
        if options.command == "evaluate":
            return _evaluate(options.bundle, options.manifest, options.data, options.split)
        if options.command == "judge":
            return _judge(options)
        return _check(options.bundles)
    except MLError as error:
        print(error, file=sys.stderr)
        return 1


def _predict(folder: Path, files: list[Path]) -> int:
    engine = open_checked(load_bundle(folder))
    failed = 0
    for file in files:
        try:
            entry = predict(engine, file.read_bytes()).to_json()
        except BadInput as error:
            entry = {"problem": error.slug, "detail": error.detail}
            failed = 1
        print(json.dumps({"file": str(file), **entry}, ensure_ascii=False))
    return failed


def _evaluate(folder: Path, manifest: Path, data: Path, split: str) -> int:
    items = [item for item in read_manifest(manifest) if item.split == split]
    report = evaluate(open_checked(load_bundle(folder)), data, items, split=split)
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    return 0


def _judge(options: argparse.Namespace) -> int:
    verdict = judge(
        load_bundle(options.champion),
        load_bundle(options.challenger),
        data=options.data,
        items=[item for item in read_manifest(options.manifest) if item.split == "test"],
        canaries=read_manifest(options.canaries) if options.canaries else (),
        browser=options.node,
        best=load_bundle(options.best) if options.best else None,
    )
    print(json.dumps(verdict.to_json(), ensure_ascii=False, indent=1))
    return 0 if verdict.passed else 1


def _check(folders: list[Path]) -> int:
    for folder in folders:
        card = open_checked(load_bundle(folder)).card
        print(f"{folder}: {card.task}/{card.engine} {card.version}, {card.size_bytes} bytes, sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One template out of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.packaging import templates
from infra.packaging.errors import PackageRefused


def test_templates_stand_side_by_side() -> None:
    whole = templates.joined(
        {
            "a.yaml": {"Description": "all of it", "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}},
            "b.yaml": {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}, "Outputs": {"Name": {"Value": 1}}},
        }
    )

    assert whole["Description"] == "all of it"
    assert set(whole["Resources"]) == {"Queue", "Bucket"}


def test_two_templates_cannot_define_the_same_thing() -> None:
    with pytest.raises(PackageRefused, match=r"^b\.yaml defines Resources Queue, which another template defines"):
        templates.joined({"a.yaml": {"Resources": {"Queue": {}}}, "b.yaml": {"Resources": {"Queue": {}}}})


def test_short_forms_are_written_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("Value: !GetAtt Queue.Arn\nName: !Sub a-${B}\n")

    assert templates.read(tmp_path / "a.yaml") == {
        "Value": {"Fn::GetAtt": ["Queue", "Arn"]},
        "Name": {"Fn::Sub": "a-${B}"},
    }


@pytest.mark.parametrize("text", ["A: 1\nA: 2\n", "A: [1\n"])
def test_a_template_that_is_broken_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "queues.yaml").write_text(text)

    with pytest.raises(PackageRefused, match=r"^queues\.yaml cannot be read: [^\n]+$"):
        templates.read(tmp_path / "queues.yaml")

"""A deployment ends with the new release at work, or with the one before: whatever fails on the way."""

from __future__ import annotations

import json

import pytest

from infra.deploy import deploying, releases
from infra.deploy.deploying import Wish, deploy
from infra.deploy.errors import Failed, Refused
from infra.packaging.errors import PackageRefused
from tests.infra.deploy.conftest import Shop

YES = Wish(is_agreed=True)


def test_an_empty_account_gets_its_first_release(shop: Shop) -> None:
    release = deploy(shop.place(), Wish())

    assert (release.number, release.schema, release.parameters) == (1, "0018_more", {"LogLevel": "INFO"})
    assert shop.questions == ["Deploy these 3 changes to recruitpro-dev?"]
    assert shop.runs() == "one"
    assert len(shop.clouds.migrations) == 1
    assert shop.looked_at == ["https://api.test/recruitpro-dev/"]
    told = shop.told()
    assert "account 123456789012, eu-central-1" in told
    assert "Add" in told
    assert "AWS::S3::Bucket" in told
    assert "CREATE_COMPLETE" in told


def test_the_bucket_of_packages_is_closed_versioned_encrypted_and_by_tls_alone(shop: Shop) -> None:
    deploy(shop.place(), YES)

    s3, name = shop.account.s3, shop.place().bucket.name
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = json.loads(shop.clouds.bucket_policy)["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]


def test_the_schema_grows_before_any_other_function_runs_the_new_code(shop: Shop) -> None:
    first = deploy(shop.place(), YES)
    shop.code = "two"

    second = deploy(shop.place(), YES)

    _, ahead = shop.clouds.migrations
    assert ahead == {"ran": second.package_key, "recruitpro-dev-APIHandler": first.package_key}
    assert (second.number, shop.runs()) == (2, "two")


def test_the_same_again_sends_nothing_changes_nothing_and_notes_nothing(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.clouds.calls.clear()

    again = deploy(shop.place(), YES)

    assert again.number == 1
    assert "ExecuteChangeSet" not in shop.clouds.calls
    assert "PUT code" not in shop.clouds.calls
    versions = shop.account.s3.list_object_versions(Bucket=shop.place().bucket.name)["Versions"]
    assert len(versions) == 3, "package, template and release, each once"
    assert len(shop.looked_at) == 2


def test_a_migration_that_fails_leaves_the_previous_release_at_work(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.clouds.migration_error = "two", 'column "x" contains null values'

    with pytest.raises(Failed, match=r"contains null values[\s\S]*previous release runs as before"):
        deploy(shop.place(), YES)

    assert (shop.runs(), shop.runs(function="MigrateDatabase")) == ("one", "one")
    assert shop.clouds.stacks["recruitpro-dev"].change_sets == {}
    assert shop.place().stack.status() == "CREATE_COMPLETE"


def test_a_first_migration_that_fails_is_run_again_by_the_next_deployment(shop: Shop) -> None:
    shop.clouds.migration_error = "the database is not there yet"
    with pytest.raises(Failed, match="not there yet"):
        deploy(shop.place(), YES)

    shop.clouds.migration_error = None
    assert deploy(shop.place(), YES).number == 1


def test_an_execution_that_fails_tells_the_reasons_of_its_events(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.clouds.broken = "two", {"APIHandler": "The role cannot be assumed by Lambda."}

    with pytest.raises(Failed) as failed:
        deploy(shop.place(), YES)

    assert "APIHandler (AWS::Serverless::Function): The role cannot be assumed by Lambda." in str(failed.value)
    assert "cancelled" not in str(failed.value)
    assert "the previous release runs as before" in str(failed.value)
    assert shop.runs(function="MigrateDatabase") == "one"
    assert [each.number for each in releases.all_of(shop.place().bucket, "dev")] == [1]


def test_a_stack_that_cannot_go_back_ends_with_what_to_do(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.clouds.broken, shop.clouds.cannot_go_back = "two", {"APIHandler": "no"}, True

    with pytest.raises(Failed, match="continue-update-rollback --stack-name recruitpro-dev"):
        deploy(shop.place(), YES)
    with pytest.raises(Refused, match="continue-update-rollback"):
        deploy(shop.place(), YES)


def test_a_smoke_test_that_fails_brings_the_previous_release_back(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.wrong = "two", lambda code: ["scan: not scanned within 90 s"] if code == "two" else []

    with pytest.raises(Failed, match=r"scan: not scanned[\s\S]*Release 1 runs again"):
        deploy(shop.place(), YES)

    assert shop.runs() == "one"
    assert len(shop.clouds.migrations) == 2, "going back migrates nothing"
    assert [each.number for each in releases.all_of(shop.place().bucket, "dev")] == [1]


def test_going_back_that_fails_too_has_clear_last_words(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.wrong = "two", lambda _code: ["health: unhealthy (503)"]

    with pytest.raises(Failed, match=r"GOING BACK FAILED TOO: release 1 is deployed and does not pass[\s\S]*look now"):
        deploy(shop.place(), YES)


def test_going_back_removes_nothing_that_holds_data(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.code, shop.wrong = "two", lambda code: ["live: no"] if code == "two" else []
    shop.resources = {**shop.resources, "Reports": {"Type": "AWS::S3::Bucket"}}

    with pytest.raises(Failed, match=r"GOING BACK FAILED TOO: this would remove .* Reports"):
        deploy(shop.place(), YES)

    assert "Reports" in shop.clouds.stacks["recruitpro-dev"].template["Resources"]


def test_a_first_release_that_does_not_pass_is_left_to_be_looked_at(shop: Shop) -> None:
    shop.wrong = lambda _code: ["health: unhealthy (503)"]

    with pytest.raises(Failed, match="no earlier release"):
        deploy(shop.place(), YES)

    assert shop.place().stack.status() == "CREATE_COMPLETE"
    assert releases.all_of(shop.place().bucket, "dev") == []


def test_what_holds_data_is_not_replaced_unless_it_is_named(shop: Shop) -> None:
    deploy(shop.place(), YES)
    shop.resources, shop.clouds.replaced = {"Uploads": {"Type": "AWS::S3::Bucket", "Properties": {}}}, {"Uploads"}

    with pytest.raises(Refused, match="--allow-replacing Uploads"):
        deploy(shop.place(), YES)
    assert shop.clouds.stacks["recruitpro-dev"].change_sets == {}

    assert deploy(shop.place(), Wish(is_agreed=True, may_replace=["Uploads"])).number == 2


def test_a_no_changes_nothing_and_leaves_nothing_behind(shop: Shop) -> None:
    shop.agrees = False

    with pytest.raises(Refused, match="not agreed"):
        deploy(shop.place(), Wish())

    assert shop.clouds.stacks == {}


def test_an_interrupt_while_being_asked_changes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_question: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(shop, "confirm", interrupt)
    with pytest.raises(KeyboardInterrupt):
        deploy(shop.place(), Wish())

    assert shop.clouds.stacks == {}


def test_an_interrupt_while_cloudformation_works_says_that_it_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(shop.place(), YES)
    shop.code = "two"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("infra.deploy.stacks.Stack.wait", interrupt)
        with pytest.raises(Failed, match="CloudFormation goes on by itself"):
            deploy(shop.place(), YES)
    shop.clouds.stacks["recruitpro-dev"].then.clear()
    with pytest.raises(Refused, match=r"UPDATE_IN_PROGRESS: another deployment is under way"):
        deploy(shop.place(), YES)
    shop.clouds.stacks["recruitpro-dev"].status = "UPDATE_COMPLETE"

    assert deploy(shop.place(), YES).number == 2, "what was cut short is finished by the next one"


def test_a_stack_that_was_never_made_is_not_deployed_over(shop: Shop) -> None:
    shop.clouds.broken = {"Uploads": "recruitpro-uploads already exists"}
    with pytest.raises(Failed, match="already exists"):
        deploy(shop.place(), YES)

    with pytest.raises(Refused, match=r"ROLLBACK_COMPLETE[\s\S]*delete-stack"):
        deploy(shop.place(), YES)


def test_production_and_staging_cannot_be_deleted_by_accident(shop: Shop) -> None:
    for environment, is_protected in (("dev", False), ("staging", True), ("production", True)):
        deploy(shop.place(environment), YES)
        assert shop.clouds.stacks[f"recruitpro-{environment}"].is_protected is is_protected


def test_a_bad_parameter_or_package_is_refused_before_aws_hears_of_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_environment: str) -> dict[str, str]:
        raise PackageRefused("LogLevel is 'LOUD': it must be one of DEBUG, INFO, WARNING, ERROR")

    monkeypatch.setattr(deploying, "parameters_of", refuse)
    with pytest.raises(Refused, match="infra/environments/dev: LogLevel"):
        deploy(shop.place(), YES)
    assert shop.clouds.calls == []

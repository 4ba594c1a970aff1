from __future__ import annotations

import json
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError

from chalicelib.clients import Bucket
from infra.local import resources
from tests.infra.local.conftest import REGION, Moto, start_moto

KEY = "organizations/o-1/documents/résumé +1.pdf"


def make_bucket(moto: Moto, name: str = "uploads") -> None:
    queues = resources.ensure_queues(moto.client("sqs"))
    origins = ["http://localhost:3000"]
    names = {**resources.BUCKETS, Bucket.UPLOADS: name}
    resources.ensure_buckets(
        moto.client("s3"), names, region=REGION, origins=origins, scan_queue_arn=queues["scan"].arn
    )


def test_killed_storage_comes_back_with_every_version_under_its_id(tmp_path: Path) -> None:
    before = start_moto(tmp_path)
    make_bucket(before)
    s3 = before.client("s3")
    first = s3.put_object(Bucket="uploads", Key=KEY, Body=b"first", ContentType="application/pdf")["VersionId"]
    second = s3.put_object(Bucket="uploads", Key=KEY, Body=b"second", Metadata={"kind": "resume"})["VersionId"]
    gone = s3.put_object(Bucket="uploads", Key="organizations/gone", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket="uploads", Key="organizations/gone")["VersionId"]
    erased = s3.put_object(Bucket="uploads", Key="organizations/erased", Body=b"x")["VersionId"]
    s3.delete_object(Bucket="uploads", Key="organizations/erased", VersionId=erased)

    quarantine = resources.BUCKETS[Bucket.QUARANTINE]
    malware = s3.copy_object(
        Bucket=quarantine,
        Key=KEY,
        CopySource={"Bucket": "uploads", "Key": KEY, "VersionId": first},
        ChecksumAlgorithm="SHA256",
    )
    s3.put_object_retention(
        Bucket=quarantine,
        Key=KEY,
        VersionId=malware["VersionId"],
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)},
    )

    before.child.process.kill()
    before.child.process.wait()
    after = start_moto(tmp_path)
    make_bucket(after)
    try:
        s3 = after.client("s3")
        old = s3.get_object(Bucket="uploads", Key=KEY, VersionId=first)
        assert (old["Body"].read(), old["ContentType"]) == (b"first", "application/pdf")
        newest = s3.get_object(Bucket="uploads", Key=KEY)
        assert (newest["Body"].read(), newest["VersionId"], newest["Metadata"]) == (
            b"second",
            second,
            {"kind": "resume"},
        )
        head = s3.head_object(Bucket=quarantine, Key=KEY, VersionId=malware["VersionId"], ChecksumMode="ENABLED")
        assert head["ChecksumSHA256"] == malware["CopyObjectResult"]["ChecksumSHA256"]
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=quarantine, Key=KEY, VersionId=malware["VersionId"])
        versions = s3.list_object_versions(Bucket="uploads")
        assert {(v["Key"], v["VersionId"]) for v in versions["Versions"]} == {
            (KEY, first),
            (KEY, second),
            ("organizations/gone", gone),
        }
        assert [(m["Key"], m["VersionId"]) for m in versions["DeleteMarkers"]] == [("organizations/gone", marker)]
    finally:
        after.child.stop()


def test_a_form_posted_as_a_browser_does_reaches_the_bucket_and_the_scan_queue(moto: Moto) -> None:
    make_bucket(moto, "browser")
    s3, sqs = moto.client("s3"), moto.client("sqs")
    form = s3.generate_presigned_post("browser", KEY, Fields={"Content-Type": "application/pdf"}, ExpiresIn=60)
    boundary = uuid.uuid4().hex
    disposition = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{disposition}"{name}"\r\n\r\n{value}\r\n' for name, value in form["fields"].items()]
    file = f'{disposition}"file"; filename="cv.pdf"\r\n\r\n%PDF-1.7\r\n'
    body = ("".join(parts) + file + f"--{boundary}--\r\n").encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": "http://localhost:3000"}

    with urllib.request.urlopen(urllib.request.Request(form["url"], body, headers)) as answer:
        assert answer.status == 204

    stored = s3.head_object(Bucket="browser", Key=KEY)
    queue_url = sqs.get_queue_url(QueueName="recruitpro-local-scan")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]
    told = [record["s3"] for message in messages for record in json.loads(message["Body"]).get("Records", [])]
    assert form["url"].startswith(f"http://127.0.0.1:{moto.port}/")
    assert stored["ContentType"] == "application/pdf"
    assert [
        (unquote_plus(t["object"]["key"]), t["object"]["versionId"]) for t in told if t["bucket"]["name"] == "browser"
    ] == [(KEY, stored["VersionId"])]

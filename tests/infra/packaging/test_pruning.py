"""What is left of the libraries."""

from __future__ import annotations

import pytest

from infra.packaging.pruning import is_needed


@pytest.mark.parametrize(
    "path",
    [
        "app.py",
        "chalicelib/migrations/versions/0001_first_schema.sql",
        "chalicelib/migrations/script.py.mako",
        "chalicelib/testing/notes.h",  # ours, whatever it is called
        "botocore/data/endpoints.json",
        "botocore/data/_retry.json",
        "botocore/data/s3/2006-03-01/service-2.json.gz",
        "boto3/data/s3/2006-03-01/resources-1.json",
        "phonenumbers/data/region_DE.py",
        "phonenumbers/shortdata/__init__.py",
        "certifi/cacert.pem",
        "pg8000-1.31.6.dist-info/METADATA",
        "docx/templates/default.docx",
        "sqlalchemy/pool/base.py",
    ],
)
def test_what_lambda_needs_stays(path: str) -> None:
    assert is_needed(path)


@pytest.mark.parametrize(
    "path",
    [
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/s3/2006-03-01/examples-1.json",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "phonenumbers/geodata/data0.py",
        "sqlalchemy/testing/fixtures.py",
        "pydantic/__pycache__/main.cpython-313.pyc",
        "chalicelib/__pycache__/db.cpython-311.pyc",
        "lxml/etree.pyx",
        "lxml/includes/libxml/tree.h",
        "jwt/api_jwt.pyi",
        "pg8000-1.31.6.dist-info/RECORD",
    ],
)
def test_what_lambda_never_needs_goes(path: str) -> None:
    assert not is_needed(path)

"""clamd in a container, and the private mirror of its definitions (docs/clamd.md).

What is here runs in the image of infra/scanner/Dockerfile: Python's own library, boto3, and the programs of ClamAV.
"""

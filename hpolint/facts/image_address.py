"""The address of a training image: its known parts, and the registry that serves it."""

from __future__ import annotations

from hpolint.lazy_regex import lazy_regex
from hpolint.model.node import Unknown
from hpolint.model.reasons import Kind

UNKNOWN_PART = "\0"
"""A placeholder for an unknown part of a partly known image address."""

DOCKER_HUB = "docker.io"
PUBLISHERS = ("continuumio", "huggingface", "library", "nvidia", "pytorch", "rapidsai", "tensorflow")
"""Whose images are on Docker Hub. Another address without a host, as ``own/image``, may be a placeholder."""

HOST = lazy_regex(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+(?::[0-9]+)?")
ECR_HOST = lazy_regex(r"\.dkr[.-]ecr|\.amazonaws\.|\.on\.aws\Z")
"""The hosts of ECR, in every partition, and those that resemble them: only what certainly is another host is judged."""
RESERVED_HOST = lazy_regex(r"(?:\A|\.)(?:example\.(?:com|net|org)|example|invalid|test)(?:\Z|:)")
"""Names that no registry has, by RFC 2606: placeholders."""


def image_address(image: str | Unknown) -> str:
    """An image's address, with ``UNKNOWN_PART`` for each unknown part."""
    if isinstance(image, str):
        return image
    return "".join(UNKNOWN_PART if piece is None else piece for piece in image.pieces) or UNKNOWN_PART


def known_tag(image: str | Unknown | None) -> str:
    """An image's tag, as far as its beginning is known."""
    name = "" if image is None else image_address(image).rpartition("/")[2]
    return name.partition("@")[0].partition(":")[2].partition(UNKNOWN_PART)[0]


def other_registry(image: str | Unknown) -> str | Unknown | None:
    """The host of an image's registry if it is certainly none of ECR; None for any other, Unknown if it may be one."""
    host = _first_segment(image)
    if host is None or isinstance(host, Unknown):
        return host
    if host in PUBLISHERS:
        return DOCKER_HUB
    if ECR_HOST.search(host) is not None or RESERVED_HOST.search(host) is not None:
        return None
    return host if HOST.fullmatch(host) else None


def _first_segment(image: str | Unknown) -> str | Unknown | None:
    """What stands before the first slash of an address; None if that is nothing, or certainly a host of ECR."""
    segment, slash, _ = image_address(image).partition("/")
    if isinstance(image, str) or (slash and UNKNOWN_PART not in segment):
        return segment if slash else None
    is_of_ecr = image.kind is Kind.SDK_IMAGE or ECR_HOST.search(segment) is not None
    return None if is_of_ecr else image

"""The manifest: its fields, how it is read, and what is said about a wrong one."""

from fastflow.domain.manifest.json_reader import LARGEST_BYTES as LARGEST_MANIFEST_BYTES
from fastflow.domain.manifest.models import (
    CatchUp,
    Cell,
    DownstreamTrigger,
    Manifest,
    Network,
    Overlap,
    PipelineType,
)
from fastflow.domain.manifest.parsing import (
    ManifestResult,
    has_only_manifest_fields,
    parse_manifest,
    with_faults,
)
from fastflow.domain.manifest.parts import Schedule
from fastflow.domain.manifest.problems import Fault, Problem, Severity
from fastflow.domain.manifest.schema import manifest_schema

__all__ = [
    "LARGEST_MANIFEST_BYTES",
    "CatchUp",
    "Cell",
    "DownstreamTrigger",
    "Fault",
    "Manifest",
    "ManifestResult",
    "Network",
    "Overlap",
    "PipelineType",
    "Problem",
    "Schedule",
    "Severity",
    "has_only_manifest_fields",
    "manifest_schema",
    "parse_manifest",
    "with_faults",
]

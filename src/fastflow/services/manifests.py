"""Reads the manifest of a pipeline that was found: the one check behind server and `lint`."""

from fastflow.domain.manifest import Fault, Manifest, ManifestResult, Problem, parse_manifest, with_faults
from fastflow.domain.ports import FoundPipeline
from fastflow.services.parameters import check_parameter_schema


def read_manifest(found: FoundPipeline) -> ManifestResult:
    """Return the pipeline's manifest and all that is wrong with it, errors first.

    A pipeline without a manifest has the default one. One that can't be run at all (`found.problem`) has
    none, and that problem, without a place. Takes milliseconds, and long for a hostile file: not for the
    event loop.
    """
    if found.problem is not None:
        return ManifestResult(None, (Problem(message=found.problem),))
    if found.manifest_text is None:
        return ManifestResult(Manifest())
    file = found.manifest_file or "pipeline.json"
    result = parse_manifest(file, found.manifest_text)
    if result.manifest is None or result.manifest.parameters is None:
        return result
    problems = check_parameter_schema(result.manifest.parameters)
    faults = [Fault(("parameters", *problem.path), problem.message, problem.remedy) for problem in problems]
    return with_faults(file, result, faults)

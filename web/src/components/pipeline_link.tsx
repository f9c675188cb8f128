import { Link } from "@tanstack/react-router";

/** A pipeline's name; it leads to the pipeline. */
export function PipelineLink({ name, className }: { name: string; className?: string | undefined }) {
  return (
    <Link to="/pipelines/$name" params={{ name }} className={className}>
      {name}
    </Link>
  );
}

import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";
import { Problem } from "@/api/problem";

export type Ready = Schemas["ReadyView"];

export type About = Schemas["AboutView"];
export type Finding = Schemas["DoctorView"]["findings"][number];

/** What runs here, since when, and how much is stored. */
export const aboutQuery = queryOptions({
  queryKey: ["about"],
  queryFn: ({ signal }) => ask(client.GET("/api/about", { signal })),
});

/** What a look at the server's machine finds, as `fastflow doctor` does. */
export const doctorQuery = queryOptions({
  queryKey: ["about", "doctor"],
  queryFn: ({ signal }) => ask(client.GET("/api/about/doctor", { signal })),
});

/** How each part of the server does. A server that can't start runs says so with 503, and the same report. */
export const readyQuery = queryOptions({
  queryKey: ["ready"],
  refetchInterval: 15_000,
  queryFn: async ({ signal }): Promise<Ready> => {
    const { data, error, response } = await client.GET("/ready", { signal });
    const report = (data ?? error) as Partial<Ready> | undefined;
    if (report?.checks) return report as Ready;
    throw new Problem({
      code: "not_ready",
      status: response.status,
      detail: `${response.status} ${response.statusText}`,
    });
  },
});

// A typed question with `fetch` alone: what a lookup may be asked, and what may come back, are those of the interface.
import type { Factor, Paths, Problem } from "./tanyin";

type Lookup = Paths["/v1/lookup"]["GET"];

export async function lookup(server: string, question: NonNullable<Lookup["query"]>): Promise<Factor> {
  const asked: Record<string, string> = {};
  for (const [name, value] of Object.entries(question)) {
    if (value !== undefined && value !== null) asked[name] = String(value);
  }
  const answer = await fetch(`${server}/v1/lookup?${new URLSearchParams(asked)}`);
  if (!answer.ok) {
    const problem = (await answer.json()) as Problem;
    throw new Error(`${problem.type}: ${problem.detail ?? problem.title}`);
  }
  return ((await answer.json()) as { factor: Factor }).factor;
}

export async function zhejiang(server: string): Promise<string> {
  const factor = await lookup(server, { dataset: "cn-electricity-co2", key: "grid-average/cn-zj/2022" });
  const value: string = factor.value; // a decimal, exactly as published
  return `${value} kg ${factor.metric} per ${factor.per}`;
}

/** Texts that may hold a tuning job: the search that `hpolint check` does before it parses a file. */

import patterns from "./patterns.json";

const WITH_ESCAPES = /\\+(?:u00|x)([4-7][0-9a-f])/g;

/** Whether a text has a pattern of a form, ignoring case and `_`. */
export function mayHoldJob(text: string): boolean {
  let lowered = text.toLowerCase();
  if (lowered.includes("\\u00") || lowered.includes("\\x")) {
    lowered = lowered.replace(WITH_ESCAPES, (_, code: string) => String.fromCharCode(parseInt(code, 16))).toLowerCase();
  }
  const squeezed = lowered.replaceAll("_", "");
  return patterns.patterns.some(pattern => squeezed.includes(pattern));
}

/** The files in which hpolint looks for jobs, as a glob. */
export const FILES = `**/*{${patterns.suffixes.join(",")}}`;

/** Whether a file is a configuration of hpolint. */
export function isConfiguration(path: string, text: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "hpolint.toml" || (name === "pyproject.toml" && text.includes("[tool.hpolint"));
}

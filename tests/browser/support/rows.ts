/** Labelled comments as a CSV file: `count` short rows of each class, all different. */
export function labelledRows(count: number): string {
  const ham = ["ballots", "clerk", "precinct", "library", "harbour", "meeting", "archive", "commissioner"];
  const spam = ["watches", "casino", "pills", "subscribers", "loans", "crypto", "followers", "jackpot"];
  const pick = (words: string[], at: number) => words[at % words.length];
  const rows = Array.from({ length: count }, (_, at) => [
    `"Thank you for writing about the ${pick(ham, at)}, and what did the ${pick(ham, at * 3 + 1)} say on day ${at}?",0`,
    `"Cheap ${pick(spam, at)} and free ${pick(spam, at * 3 + 1)}, visit http://offer${at}.example now",1`,
  ]);
  return ["content,class", ...rows.flat(), ""].join("\n");
}

/** What a file chooser hands over. */
export function csv(name: string, content: string) {
  return { name, mimeType: "text/csv", buffer: Buffer.from(content) };
}

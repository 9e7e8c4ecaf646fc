/**
 * Labelled comments as a CSV file: `count` short rows of each class, all different; of `wrongOneIn` rows one has the
 * other class's label.
 */
export function labelledRows(count: number, wrongOneIn = Infinity): string {
  const ham = ["ballots", "clerk", "precinct", "library", "harbour", "meeting", "archive", "commissioner"];
  const spam = ["watches", "casino", "pills", "subscribers", "loans", "crypto", "followers", "jackpot"];
  // Texts that differ in numbers only would count as one.
  const name = (at: number) => String.fromCharCode(97 + (at % 26), 97 + (Math.floor(at / 26) % 26), 107);
  const pick = (words: string[], at: number) => words[at % words.length];
  const rows = Array.from({ length: count }, (_, at) => ({ at, wrong: at % wrongOneIn === wrongOneIn - 1 })).map(({ at, wrong }) => [
    `"Thank you for writing about the ${pick(ham, at)}, and what did the ${pick(ham, at * 3 + 1)} say to Mr ${name(at)}?",${wrong ? 1 : 0}`,
    `"Cheap ${pick(spam, at)} and free ${pick(spam, at * 3 + 1)}, visit http://offer${at}.example now, ${name(at)}",${wrong ? 0 : 1}`,
  ]);
  return ["content,class", ...rows.flat(), ""].join("\n");
}

/** What a file chooser hands over. */
export function csv(name: string, content: string) {
  return { name, mimeType: "text/csv", buffer: Buffer.from(content) };
}

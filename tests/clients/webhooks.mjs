// The two ways of checking a webhook's signature that docs/integrating.md shows, against the library of Standard Webhooks.
//
//   usage: node webhooks.mjs PYTHON
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Webhook } from "standardwebhooks";

const [python] = process.argv.slice(2);
const docs = readFileSync(resolve(import.meta.dirname, "../../docs/integrating.md"), "utf8");
const example = (language, name) => {
  const blocks = [...docs.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code);
  const [code] = blocks.filter((block) => block.includes(name));
  assert.ok(code, `docs/integrating.md shows no ${name}`);
  return code;
};
const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(example("js", "isGenuine"))}`);
const isGenuineInPython = (...given) => {
  const call = `import sys, json\nsecret, headers, body = json.load(sys.stdin)\nprint(is_genuine(secret, headers, body.encode()))`;
  const said = execFileSync(python, ["-c", `${example("python", "is_genuine")}\n${call}`], { input: JSON.stringify(given) });
  return said.toString().trim() === "True";
};

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const other = `whsec_${randomBytes(32).toString("base64")}`;
const body = JSON.stringify({ type: "comment.held", text: "Grüße, 世界" });
const sent = (at, key = secret) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": `${Math.floor(at / 1000)}`,
  "webhook-signature": `v1,c2hvcnQ= ${new Webhook(key).sign("msg_1", new Date(at), body)}`,
});
for (const check of [isGenuine, isGenuineInPython]) {
  assert.equal(check(secret, sent(Date.now()), body), true);
  assert.equal(check(secret, sent(Date.now()), `${body} `), false, "another body");
  assert.equal(check(secret, sent(Date.now(), other), body), false, "another secret");
  assert.equal(check(secret, sent(Date.now() - 600_000), body), false, "sent again later");
  assert.equal(check(secret, { ...sent(Date.now()), "webhook-id": "msg_2" }, body), false, "another id");
}
console.log("docs/integrating.md: both checks of a webhook's signature hold");

// The three clients of npm against a running Moderato; Coral, NodeBB and Staticman use two of them.
//
//   usage: node clients.mjs URL KEY
import assert from "node:assert/strict";
import dns from "node:dns";

const [url, key] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const SPAM =
  "Buy cheap viagra online casino bonus http://pills.example.top/buy click here http://casino.example.top/win";
const HAM = "Дякую! こんにちは — très intéressant, merci pour cet article.";
const blog = "https://blog.example/";
const unknown = "0123456789ab";

// KEY.rest.moderato.test, as a wildcard record in the site's DNS would resolve it.
const lookup = dns.lookup;
dns.lookup = (name, options, done) => {
  if (!name.endsWith(".moderato.test")) return lookup(name, options, done);
  const [settings, callback] = typeof options === "function" ? [{}, options] : [options, done];
  process.nextTick(() =>
    settings.all ? callback(null, [{ address: hostname, family: 4 }]) : callback(null, hostname, 4),
  );
};

{
  const { AuthorRole, Blog, CheckResult, Client, Comment, Author } = await import("@cedx/akismet");
  const options = { baseUrl: url };
  const client = new Client(key, new Blog({ url: blog, charset: "UTF-8", languages: ["en"] }), options);
  const comment = (content, author = {}) =>
    new Comment({ content, author: new Author({ ipAddress: "203.0.113.8", userAgent: "Mozilla/5.0", ...author }) });
  assert.equal(await client.verifyKey(), true);
  assert.equal(await new Client(unknown, client.blog, options).verifyKey(), false);
  assert.equal(await client.checkComment(comment(HAM, { name: "Zoë 李" })), CheckResult.ham);
  assert.notEqual(await client.checkComment(comment(SPAM)), CheckResult.ham);
  assert.equal(
    await client.checkComment(comment(SPAM, { role: AuthorRole.administrator })),
    CheckResult.ham,
  );
  await client.submitHam(comment(SPAM));
  await client.submitSpam(comment(SPAM));
  await assert.rejects(new Client(unknown, client.blog, options).checkComment(comment(HAM)));
  console.log("@cedx/akismet: verifyKey (right, wrong), checkComment (ham, spam, administrator, wrong key), submitHam, submitSpam");
}

{
  const { AkismetClient } = (await import("akismet-api")).default;
  const options = { blog, host: `rest.moderato.test:${port}`, protocol: "http" };
  const client = new AkismetClient({ ...options, key });
  const comment = { ip: "203.0.113.9", useragent: "Mozilla/5.0", name: "Zoë 李" };
  assert.equal(await client.verifyKey(), true);
  assert.equal(await new AkismetClient({ ...options, key: unknown }).verifyKey(), false);
  assert.equal(await client.checkSpam({ ...comment, content: HAM }), false);
  assert.equal(await client.checkSpam({ ...comment, content: SPAM }), true);
  assert.equal(await client.checkSpam({ ...comment, email: "akismet-guaranteed-spam@example.com" }), true);
  await client.submitSpam({ ...comment, content: SPAM });
  await client.submitHam({ ...comment, content: HAM });
  await assert.rejects(client.checkSpam({ content: HAM }));
  await assert.rejects(new AkismetClient({ ...options, key: unknown }).checkSpam({ ...comment, content: HAM }));
  console.log("akismet-api: verifyKey (right, wrong), checkSpam (ham, spam, guaranteed, no address, wrong key), submitSpam, submitHam");
}

{
  const akismet = (await import("akismet")).default;
  const client = (apiKey) => akismet.client({ blog, apiKey, host: "rest.moderato.test", port });
  const call = (whose, what, fields) =>
    new Promise((resolve, reject) =>
      whose[what](fields, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  const verify = (whose) =>
    new Promise((resolve, reject) => whose.verifyKey((error, valid) => (error ? reject(error) : resolve(valid))));
  const mine = client(key);
  assert.equal(await verify(mine), true);
  assert.equal(await verify(client(unknown)), false);
  const comment = { user_ip: "203.0.113.10", comment_author: "Zoë 李" };
  assert.equal(await call(mine, "checkComment", { ...comment, comment_content: HAM }), false);
  assert.equal(await call(mine, "checkComment", { ...comment, comment_content: SPAM }), true);
  await call(mine, "submitSpam", { ...comment, comment_content: SPAM });
  await call(mine, "submitHam", { ...comment, comment_content: HAM });
  console.log("akismet (npm): verifyKey (right, wrong), checkComment (ham, spam), submitSpam, submitHam");
}

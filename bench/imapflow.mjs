// SPDX-License-Identifier: AGPL-3.0-or-later
//
//     imapflow.mjs PORT NAME CA_FILE USER PASSWORD_FILE PGHOST DATABASE
//
// What a program of npm's best libraries does with a mailbox: imapflow fetches, mailparser parses, pg stores what was
// found and the message itself, a hundred a transaction.  Prints the seconds.
import { readFileSync } from "node:fs";
import { ImapFlow } from "imapflow";
import { simpleParser } from "mailparser";
import pg from "pg";

const [port, name, ca, user, password, host, database] = process.argv.slice(2);
const db = new pg.Client({ host, database, user: "postgres" });
await db.connect();
await db.query("create table peer (message_id text unique, at timestamptz, sender text, subject text, body text, source bytea)");
const client = new ImapFlow({
  host: "127.0.0.1", port: Number(port), secure: true, servername: name, logger: false,
  tls: { ca: readFileSync(ca), servername: name }, auth: { user, pass: readFileSync(password, "utf8").trim() },
});
const begin = process.hrtime.bigint();
await client.connect();
const lock = await client.getMailboxLock("INBOX", { readOnly: true });
let rows = [];
const store = async () => {
  const values = rows.map((_, i) => `(${[1, 2, 3, 4, 5, 6].map((k) => `$${6 * i + k}`).join(",")})`).join(",");
  await db.query(`insert into peer values ${values} on conflict do nothing`, rows.flat());
  rows = [];
};
for await (const message of client.fetch("1:*", { uid: true, flags: true, internalDate: true, source: true })) {
  const mail = await simpleParser(message.source);
  rows.push([mail.messageId, mail.date, mail.from?.text, mail.subject, mail.text, message.source]);
  if (rows.length === 100) await store();
}
if (rows.length) await store();
console.log(Number(process.hrtime.bigint() - begin) / 1e9);
lock.release();
await client.logout();
await db.end();

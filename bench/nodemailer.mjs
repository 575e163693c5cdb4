// SPDX-License-Identifier: AGPL-3.0-or-later
//
//     nodemailer.mjs PORT CONNECTIONS N      sends N letters of the bench through a pool; prints the seconds
import nodemailer from "nodemailer";

const [port, connections, n] = process.argv.slice(2).map(Number);
const pool = nodemailer.createTransport({
  host: "127.0.0.1", port, pool: true, maxConnections: connections, maxMessages: Infinity, ignoreTLS: true,
});
const paragraph = "The meeting of the village council is on the first Monday of the month, at six in the evening, in the school. ".repeat(5);
const letter = (i) => ({
  from: "Municipality of Klokot <office@klokot.example>",
  to: `Contact ${i} <contact${i}@place.example>`,
  subject: `Notice to contact ${i}`,
  text: `Dear contact ${i},\n\n${(paragraph + "\n\n").repeat(3)}`,
  html: `<p>Dear <b>contact ${i}</b>,</p>${`<p>${paragraph}</p>`.repeat(3)}`,
});
const begin = process.hrtime.bigint();
let next = 0;
const sender = async () => { while (next < n) await pool.sendMail(letter(next++)); };
await Promise.all(Array.from({ length: 4 * connections }, sender));
console.log(Number(process.hrtime.bigint() - begin) / 1e9);
pool.close();

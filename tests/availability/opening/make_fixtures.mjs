// Asks an independent implementation, the npm package `opening_hours`, when places are open, and writes its answers
// to fixtures.json beside this file. Run it from a scratch folder outside the project:
//
//     mkdir /tmp/oh && cd /tmp/oh && npm init -y && npm install opening_hours@3.15.0
//     TZ=Europe/Paris NODE_PATH=node_modules node <project>/tests/availability/opening/make_fixtures.mjs
//
// Kept away from, because the two implementations differ on purpose (docs/opening-hours.md): ranges that begin or
// end in the hour the clocks skip, and second rules that name no day (we refuse those).
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

if (process.env.TZ !== "Europe/Paris") throw new Error("run with TZ=Europe/Paris");
const require = createRequire(path.join(process.cwd(), "here.js"));
const OpeningHours = require("opening_hours");
const version = JSON.parse(readFileSync(path.join(process.cwd(), "node_modules/opening_hours/package.json"))).version;

const REGIONS = { A: "Auvergne-Rhône-Alpes", B: "Pays de la Loire", C: "Île-de-France" };
// Autumn with a clock change, a return to school and a bank holiday; New Year; the three winter weeks; the spring
// clock change; the bridge of Ascension; both ends of summer.
const WINDOWS = [
  ["2026-06-30", 9], ["2026-08-28", 7], ["2026-10-15", 30], ["2026-12-17", 22],
  ["2027-02-04", 34], ["2027-03-26", 6], ["2027-04-30", 20],
];
const ANY = [
  "24/7", "off", "08:00-20:00", "Mo-Su 08:00-20:00", "Mo-Fr 08:00-18:00", "Mo-Sa 07:00-22:00; PH off",
  "Mo-Fr 06:00-20:00; PH off", "Mo-Sa 06:30-18:00; PH off", "Mo,We,Fr 09:00-12:00", "Fr-Mo 10:00-16:00",
  "Sa-Su 09:00-13:00", "Su-Tu,Th 07:30-19:45", "Mo-Fr 08:00-12:00,14:00-18:00", "Mo-Fr 08:00-12:00,13:30-16:30; Sa 07:00-12:00; PH off",
  "Tu-Sa 09:15-12:40,14:05-19:10; PH off", "Mo-Fr 08:00-18:00; We off", "Mo-Fr 08:00-18:00; We 14:00-20:00",
  "Mo-Fr 08:00-12:00, We 14:00-18:00", "Mo-Fr 08:00-12:00, We 11:00-18:00, Sa 09:00-10:00", "Mo-Fr 08:00-20:00; off",
  "Mo-Fr 08:00-10:00; Mo-We 12:00-14:00; Tu 16:00-18:00", "08:00-20:00; Tu,Th off", "24/7; PH off", "24/7; Dec 25,Jan 1 off",
  // past midnight
  "Mo-Fr 22:00-06:00", "Mo-Su 22:00-06:00", "Fr-Sa 20:00-04:00", "Sa 22:00-06:00; Su 10:00-12:00", "Su 10:00-12:00; Sa 22:00-06:00",
  "Fr 22:00-06:00, Sa 10:00-12:00", "Mo-Fr 22:00-06:00; PH off", "Mo-Fr 18:00-26:00; Sa 20:00-28:00", "Mo-Su 20:00-08:00; We off",
  "Mo-Fr 22:00-06:00; Sa-Su 20:00-08:00", "Mo-Th 12:00-14:00,19:00-01:00; Fr-Sa 19:00-03:00", "Sa 23:00-01:30,05:00-07:00", "PH 22:00-06:00",
  // public holidays
  "PH 10:00-12:00", "PH off", "Mo-Fr,PH 10:00-12:00", "PH Mo-Fr 10:00-12:00", "PH,Sa 08:00-14:00", "Mo-Sa 08:00-18:00; Su,PH 09:00-12:00",
  "Mo-Fr 08:00-18:00; Su,PH off", "Mo-Fr 08:00-18:00; PH 10:00-12:00", "PH off; Mo-Fr 08:00-18:00", "Mo-Fr 08:00-18:00, PH 20:00-22:00",
  // months and dates
  "Jul-Aug 10:00-18:00", "Nov-Feb 09:00-16:00", "Oct 08:00-12:00", "Oct,Dec-Jan,May Mo-Fr 08:00-12:00", "Mo-Fr 08:00-18:00; Jul-Aug off",
  "Mo-Sa 08:00-12:00,14:00-18:00; Jul-Aug Mo-Sa 08:00-13:00; Jul 6-12 off; PH off", "Mo-Su 08:00-18:00; Dec 20-Jan 5 off", "Dec 20-Jan 5 Mo-Fr 10:00-16:00",
  "Dec 24,Dec 31 08:00-12:00", "Dec 24,31 08:00-12:00", "Oct 17-31 Mo-Fr 09:00-17:00", "Feb 20-Mar 2 Sa-Su 10:00-12:00", "Feb 15-28 off",
  "Oct 20-Nov 3,Feb 10 07:00-09:00", "Mo-Fr 08:00-18:00; Nov 9-10 20:00-23:00", "Mo-Fr 22:00-06:00; Dec 24-26 off", "May 1 off; May 2 10:00-11:00",
  "2026 Nov 5 09:00-11:00", "Mo-Fr 08:00-18:00; 2026 Dec 24 08:00-12:00; 2026 Dec 25-2027 Jan 3 off", "2026 Oct 20-25 10:00-22:00",
  "2026 Dec 30-2027 Jan 2 10:00-12:00", "Mo-Sa 08:00-19:00; 2027 May 6,2027 May 7 off", "2026 Jul 1-2026 Aug 31 Mo-Fr 10:00-12:00", "2026 Oct 24 22:00-05:00",
  "Mo-Fr 08:00-18:00; PH off; 2026 Nov 11 09:00-12:00", "Mo-Fr 08:00-18:00; 2027 Feb 8-2027 Feb 19 Mo-We 10:00-15:00",
  "24/7; 2026 Oct 25 off", "Mo-Sa 07:00-22:00; PH off; Dec 25-Jan 1 off; 2027 Mar 28 04:00-08:00", "Su 00:00-05:00", "Sa-Su 00:00-24:00",
];
const SCHOOL = [
  "SH 10:00-12:00", "SH Mo-Fr 07:00-18:00; PH off", "SH Mo-Fr 08:00-18:00; Sa 08:00-22:00; PH off", "SH off", "Mo-Fr 08:00-18:00; SH off",
  "Mo-Fr 16:30-20:00; SH Mo-Fr 08:00-20:00; PH off", "SH Sa-Su 10:00-18:00", "Mo-Fr,SH 10:00-12:00", "PH,SH 09:00-10:00", "PH,SH off",
  "We 13:00-18:00; SH Mo-Fr 08:00-12:00,13:00-18:00", "SH Mo-Fr 22:00-06:00; PH off", "Mo-Fr 08:00-18:00, SH Sa 09:00-12:00", "SH We off; Mo-Tu 08:00-09:00",
  "Mo-Fr 22:00-06:00; SH off", "SH,Sa 14:00-20:00; Dec 24-25 off", "Jul-Aug off; SH Mo-Fr 07:00-18:00", "SH Mo-Fr 07:00-18:00; PH off; 2027 Feb 22-26 off",
];

const pad = (number) => String(number).padStart(2, "0");
const iso = (moment) => `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
const isoTime = (moment) => `${iso(moment)}T${pad(moment.getHours())}:${pad(moment.getMinutes())}`;
const midnight = (day, more = 0) => {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + more);
};
const evaluator = (text, zone) =>
  new OpeningHours(text, { lat: 47.2, lon: -1.55, address: { country_code: "fr", state: REGIONS[zone] } });

// Days as hexadecimal: 24 bits each, one for every half past the hour, midnight first.
function sweep(hours, [day, length]) {
  let text = "";
  for (let number = 0; number < length; number += 1) {
    let bits = 0;
    for (let hour = 0; hour < 24; hour += 1) {
      const moment = midnight(day, number);
      moment.setHours(hour, 30);
      bits = bits * 2 + (hours.getState(moment) ? 1 : 0);
    }
    text += bits.toString(16).padStart(6, "0");
  }
  return text;
}

// Both sides of the first openings and closings of a window, to the minute.
function edges(hours, [day, length]) {
  const at = [];
  for (const [start, end] of hours.getOpenIntervals(midnight(day), midnight(day, length)).slice(0, 2))
    for (const edge of [start, end]) at.push(new Date(edge.getTime() - 60000), edge);
  return [...new Set(at.map(isoTime))].map((text) => [text, hours.getState(new Date(text)) ? 1 : 0]);
}

function holidays(zone) {
  const found = {};
  for (const kind of ["PH", "SH"]) {
    const hours = evaluator(`${kind} 00:00-24:00`, zone);
    found[kind] = [];
    for (const [day, length] of WINDOWS)
      for (let number = -1; number < length; number += 1) {
        const noon = midnight(day, number);
        noon.setHours(12);
        if (hours.getState(noon)) found[kind].push(iso(noon));
      }
  }
  return found;
}

const pairs = [
  ...ANY.map((text, index) => [text, "ABC"[index % 3]]),
  ...SCHOOL.flatMap((text) => [..."ABC"].map((zone) => [text, zone])),
];
const answers = pairs.map(([text, zone]) => {
  const hours = evaluator(text, zone);
  const points = WINDOWS.flatMap((window) => edges(hours, window));
  return {
    text,
    zone,
    sweeps: WINDOWS.map((window) => sweep(hours, window)),
    at: points.map(([moment]) => moment).join(" "),
    open: points.map(([, open]) => open).join(""),
  };
});
const calendars = Object.fromEntries([..."ABC"].map((zone) => [zone, holidays(zone)]));
const head = JSON.stringify({ made_with: `opening_hours ${version}`, windows: WINDOWS, calendars });
const body = answers.map((answer) => JSON.stringify(answer)).join(",\n");
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures.json");
writeFileSync(target, `${head.slice(0, -1)},"answers":[\n${body}\n]}\n`);
console.log(`${answers.length} expressions and zones written to ${target}`);

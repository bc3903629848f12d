// Parses a calendar from standard input with ical.js, the library of Thunderbird and Nextcloud, and prints
// [local start, start, end] of each event, the latter two in UTC. The argument is the path of ical.js.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.argv[2]));
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((part) => new ICAL.Event(part));
console.log(
  JSON.stringify(
    events.map(({ startDate, endDate }) => [startDate.toString(), startDate.toJSDate(), endDate.toJSDate()]),
  ),
);

// node record-once.fixture.ts FOLDER NAME: what another home would record, a request and a call under it.

import { createRecorder } from "../../capture/recorder.ts";
import { orThrow } from "../../fault/fault.ts";
import { begin, edgeTo, say } from "./exchanges.fixture.ts";
import { openRecordings } from "./recordings.ts";

const [folder = "", name = ""] = process.argv.slice(2);
const recorder = createRecorder();
const redactor = new URL("./redactor.fixture.ts", import.meta.url);
const stopped = ({ message }: { message: string }) => console.error(message);
const recordings = openRecordings({ folder, recorder, redactor, stopped });
orThrow(await recordings.start(name));
const web = edgeTo("web");
const page = begin(recorder, { edge: web, target: "/page" });
say(recorder, { edge: edgeTo("api", web.place), target: "/call" });
recorder.end(page, performance.now());
orThrow(await recordings.stop(name));
await recordings.close();

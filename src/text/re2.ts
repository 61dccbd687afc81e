// A file of its own in dist/, so that it is loaded with the first pattern: most configs have none.
export { RE2JS } from "re2js";

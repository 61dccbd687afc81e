/** Fields of a raw head, in order, as they stand there. */
export function fieldsOf(head: string): [name: string, value: string][] {
  const lines = head.split("\r\n");
  return lines.slice(1).flatMap((line): [string, string][] => {
    const colon = line.indexOf(":");
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
}

/** A field's value; several of one name as a list. Null: there is none. `name` in lower case. */
export function fieldOf(head: string, name: string): string | null {
  const values = fieldsOf(head).filter(([field]) => field.toLowerCase() === name);
  return values.length === 0 ? null : values.map(([, value]) => value).join(", ");
}

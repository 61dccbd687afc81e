import { api } from "../home/api.ts";
import { toast } from "../parts/toasts.tsx";

/** Adds the exchanges of a HAR file to the list. */
export async function importFile(file: File): Promise<void> {
  const failed = await api.importHar(file);
  if (failed !== null) toast(failed);
}

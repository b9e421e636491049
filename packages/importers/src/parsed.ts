/** A text as JSON, or why it is none. */
export type Parsed = { readonly value: unknown; readonly reason?: undefined } | { readonly reason: string };

export function parsed(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { reason: `not JSON: ${messageOf(error)}` };
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the Bot API answers instead of a result; thrown by a method, turned into `{"ok": false, …}` by the server. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly parameters: RefusalParameters | undefined;

  constructor(code: number, description: string, parameters?: RefusalParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

export interface RefusalParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

/** The commonest refusal: code 400, with the prefix that the official server puts before every such text. */
export function badRequest(text: string, parameters?: RefusalParameters): Refusal {
  return new Refusal(400, `Bad Request: ${text}`, parameters);
}

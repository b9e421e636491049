/** A setting of the server, as its operators may see it. */
export interface Setting {
  readonly name: string;
  /** In words; null where there is none. Of a secret only that it is there, of a URL all but what is secret in it. */
  readonly value: string | null;
  /** `default`: nobody set it. */
  readonly source: 'environment' | 'default';
  readonly isSecret: boolean;
}

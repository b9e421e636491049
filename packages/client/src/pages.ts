/** A procedure that answers page by page. */
interface PagedProcedure<Request, Page> {
  query(request: Request, options?: { readonly signal?: AbortSignal }): Promise<Page>;
}

/**
 * The pages of a list or of a history, one after the other. Each is asked for when the loop wants it, so a loop that
 * is left early asks for no more.
 *
 * @param procedure one that takes a `cursor` and answers with the `next` one, such as `anima.memories.list`
 * @throws AnimaClientError where a page cannot be had, `ABORTED` by the signal
 *
 * @example
 * ```ts
 * for await (const { memories } of pagesOf(anima.memories.list, { tags: ['preference'], limit: 100 })) {
 *   for (const { id, content } of memories) console.log(id, content);
 * }
 * ```
 */
export async function* pagesOf<
  Request extends { cursor?: string | number | undefined },
  Page extends { next: Request['cursor'] | null },
>(
  procedure: PagedProcedure<Request, Page>,
  request: Request,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Page, void, undefined> {
  let page: Page | undefined;
  do {
    page = await procedure.query(page?.next == null ? request : { ...request, cursor: page.next }, options);
    yield page;
  } while (page.next !== null);
}

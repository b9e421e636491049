import { addInput, bootstrapInput, defaults, historyInput } from '@anima/core';

/** What inputs of several tools have in common: core's fields, explained to a model. */

export const memoryId = historyInput.shape.memoryId.describe('Id of the memory, as other tools show it');

const budget = bootstrapInput.shape.tokenBudget.unwrap();
export const tokenBudget = budget
  .default(defaults.tokenBudget)
  .describe('Longest answer, in estimated tokens (4 English characters are about one)');

export const conversationId = addInput.shape.conversationId.describe(
  'Conversation it belongs to; this session where it is not given',
);

export const content = addInput.shape.content.describe(
  'The text to remember: one fact, preference, decision or event, understandable by itself',
);
export const category = addInput.shape.category.describe('Such as "preference", "decision" or "person"');
export const tags = addInput.shape.tags.describe('Words to filter by later');
export const source = addInput.shape.source.describe('Where it comes from, such as a file or a person');
export const occurredAt = addInput.shape.occurredAt.describe(
  'When it happened, ISO 8601 with an offset, where that is not now',
);
export const isCatalyst = addInput.shape.isCatalyst.describe('Whether it is a breakthrough, to be kept strong');

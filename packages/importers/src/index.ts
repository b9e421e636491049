export { type Kind, kindOfDocument, kinds, mayBeRead, readFile, readOneOfMany } from './read-file.ts';
export type { Fault, ImportedMemory, ImportItem, Reading } from './reading.ts';
export { isTranscriptLine } from './transcript.ts';

import { unzipSync } from 'fflate';
import { isChatGptConversation, readChatGpt } from './chatgpt.ts';
import { isClaudeConversation, isClaudeMemories, readClaude, readClaudeMemories } from './claude.ts';
import { readNote } from './notes.ts';
import { Findings, type Reading } from './reading.ts';
import { isTranscriptLine, readTranscript } from './transcript.ts';

/** What is read: Markdown notes, exports of ChatGPT and Claude, transcripts of coding agents. */
export const kinds = ['markdown', 'chatgpt', 'claude', 'transcript'] as const;
export type Kind = (typeof kinds)[number];

const noteName = /\.(md|markdown|txt)$/i;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Whether a file may be one that is read, by its name. */
export function mayBeRead(name: string): boolean {
  return noteName.test(name) || /\.(json|jsonl|zip)$/i.test(name);
}

/**
 * Reads a file, or what is in an archive.
 *
 * @param name its path, as the person knows it; it becomes part of every `source`
 * @param kind what it is; else it is looked at
 */
export function readFile(name: string, bytes: Uint8Array, kind?: Kind): Reading {
  if (/\.zip$/i.test(name)) return readArchive(name, bytes, kind);
  return readText(name, bytes, (text) => kind ?? kindOf(name, text));
}

/**
 * Reads one of many files, which may be anything.
 *
 * @param wanted files of other kinds are left out
 */
export function readOneOfMany(name: string, bytes: Uint8Array, wanted: Kind | undefined): Reading {
  if (/\.zip$/i.test(name)) return readArchive(name, bytes, wanted);
  return readText(name, bytes, (text) => {
    const kind = kindOf(name, text);
    return wanted === undefined || kind === wanted ? kind : undefined;
  });
}

function readText(name: string, bytes: Uint8Array, kindIn: (text: string) => ReturnType<typeof kindOf>): Reading {
  const findings = new Findings();
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    findings.fault(name, bytes.length > 2 ** 29 ? 'the file is too large to be read at once' : 'the file is not UTF-8');
    return findings;
  }
  const kind = kindIn(text);
  if (kind === 'markdown') return readNote(name, text);
  if (kind === 'transcript') return readTranscript(name, text);
  if (kind === 'chatgpt' || kind === 'claude') return readDocument(name, text, kind);
  if (kind === undefined) findings.skip('a file that is no note, export or transcript');
  else findings.fault(name, kind.malformed);
  return findings;
}

/** What a text is; undefined for something else, and why where it should be something but is not whole. */
function kindOf(name: string, text: string): Kind | { readonly malformed: string } | undefined {
  if (noteName.test(name)) return 'markdown';
  if (/\.jsonl$/i.test(name)) {
    const first =
      text
        .slice(0, 1024 * 1024)
        .split('\n')
        .find((line) => line.trim() !== '') ?? '';
    return isTranscriptLine(parsed(first).value) ? 'transcript' : undefined;
  }
  const { value, reason } = parsed(text);
  if (reason !== undefined) return { malformed: reason };
  return kindOfDocument(value);
}

/** Which export a JSON document is; undefined for any other. */
export function kindOfDocument(value: unknown): 'chatgpt' | 'claude' | undefined {
  const [item] = listOf(value);
  if (isChatGptConversation(item)) return 'chatgpt';
  return isClaudeConversation(item) || isClaudeMemories(item) ? 'claude' : undefined;
}

function readDocument(name: string, text: string, kind: 'chatgpt' | 'claude'): Reading {
  const { value, reason } = parsed(text);
  if (reason !== undefined) {
    const findings = new Findings();
    findings.fault(name, reason);
    return findings;
  }
  const list = listOf(value);
  if (kind === 'chatgpt') return readChatGpt(name, list);
  return isClaudeMemories(list[0]) ? readClaudeMemories(name, list) : readClaude(name, list);
}

function readArchive(name: string, bytes: Uint8Array, wanted: Kind | undefined): Reading {
  const findings = new Findings();
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, {
      filter: (file) => mayBeRead(file.name) && !/\.zip$/i.test(file.name) && !/(^|\/)(__MACOSX|\.)/.test(file.name),
    });
  } catch (error) {
    findings.fault(name, `the archive cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
    return findings;
  }
  for (const [path, content] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    findings.include(readOneOfMany(`${name}/${path}`, content, wanted));
  }
  return findings;
}

/** An export is a list; one conversation by itself is taken, too. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function parsed(text: string): { readonly value?: unknown; readonly reason?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { reason: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

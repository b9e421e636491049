import { unzipSync } from 'fflate';
import { isChatGptConversation, readChatGpt } from './chatgpt.ts';
import { isClaudeConversation, isClaudeMemories, readClaude, readClaudeMemories } from './claude.ts';
import { readNote } from './notes.ts';
import { messageOf, parsed } from './parsed.ts';
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
  return readText(name, bytes, { given: kind });
}

/**
 * Reads one of many files, which may be anything.
 *
 * @param wanted files of other kinds are left out
 */
export function readOneOfMany(name: string, bytes: Uint8Array, wanted: Kind | undefined): Reading {
  if (/\.zip$/i.test(name)) return readArchive(name, bytes, wanted);
  return readText(name, bytes, { wanted });
}

interface Asked {
  /** What the person says that it is. */
  readonly given?: Kind | undefined;
  /** Files of other kinds are left out. */
  readonly wanted?: Kind | undefined;
}

function readText(name: string, bytes: Uint8Array, { given, wanted }: Asked): Reading {
  const findings = new Findings();
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    findings.fault(name, bytes.length > 2 ** 29 ? 'the file is too large to be read at once' : 'the file is not UTF-8');
    return findings;
  }
  const looks = given ?? looksLike(name, text);
  const isWanted = (kind: Kind) => wanted === undefined || kind === wanted;
  if (looks === 'markdown' && isWanted(looks)) return readNote(name, text);
  if (looks === 'transcript' && isWanted(looks)) return readTranscript(name, text);
  if (looks === 'document' || looks === 'chatgpt' || looks === 'claude') {
    const document = parsed(text);
    if (document.reason === undefined) {
      const kind = given ?? kindOfDocument(document.value);
      if (kind && isWanted(kind)) return readDocument(name, listOf(document.value), kind);
    } else if (wanted === undefined) {
      findings.fault(name, document.reason);
      return findings;
    }
  }
  findings.skip('a file that is no note, export or transcript');
  return findings;
}

/** What a text is by its name and its first line; undefined for something else. */
function looksLike(name: string, text: string): 'markdown' | 'transcript' | 'document' | undefined {
  if (noteName.test(name)) return 'markdown';
  if (!/\.jsonl$/i.test(name)) return 'document';
  const lines = text.slice(0, 1024 * 1024).split('\n');
  const first = parsed(lines.find((line) => line.trim() !== '') ?? '');
  return first.reason === undefined && isTranscriptLine(first.value) ? 'transcript' : undefined;
}

/** Which export a JSON document is; undefined for any other. */
export function kindOfDocument(value: unknown): 'chatgpt' | 'claude' | undefined {
  const [item] = listOf(value);
  if (isChatGptConversation(item)) return 'chatgpt';
  return isClaudeConversation(item) || isClaudeMemories(item) ? 'claude' : undefined;
}

function readDocument(name: string, list: readonly unknown[], kind: Kind): Reading {
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
    findings.fault(name, `the archive cannot be opened: ${messageOf(error)}`);
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

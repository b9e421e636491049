import type { Turn } from './conversation.ts';
import type { Findings } from './reading.ts';

/** What is put into a prompt by programs: context, commands and what they printed. */
const programElement =
  /<(system-reminder|command-[a-z]+|local-command-[a-z]+|ide_[a-z_]+|bash-[a-z]+|task-notification|environment_context|user_instructions|INSTRUCTIONS|turn_aborted|user_shell_command)\b[^>]*>[\s\S]*?<\/\1>/g;
const programText =
  /^(?:Caveat: The messages below were generated|\[Request interrupted by user|# AGENTS\.md instructions)/;

/** A prompt as the person wrote it; empty where a program did. */
export function personsWords(text: string): string {
  const words = text.replace(programElement, '').trim();
  return programText.test(words) ? '' : words;
}

/** What a session was about: the folder that it ran in. */
export function projectOf(folder: string | null | undefined): string {
  return (folder ?? '').replace(/^.*[\\/]/, '');
}

/**
 * A coding agent says what it is about to do between its tools; what it has to say comes last. So of each turn the
 * question and the end of the answer are kept.
 */
export function withoutNarration(turns: readonly Turn[], findings: Findings): readonly Turn[] {
  const kept: Turn[] = [];
  let last: string | undefined;
  for (const turn of turns.toReversed()) {
    // One message may come as several lines.
    if (turn.role === 'assistant' && last !== undefined && turn.id !== last) {
      findings.skip('what an agent said between two tools');
      continue;
    }
    last = turn.role === 'assistant' ? turn.id : undefined;
    kept.push(turn);
  }
  return kept.toReversed();
}

'use client';

import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useUrlState } from '../frame/url.ts';
import { useDraft } from './use-draft.ts';

interface WrittenProps extends Omit<TextInputProps, 'value' | 'onChange' | 'error'> {
  /** Of the parameter of the URL. */
  readonly name: string;
  /** What is wrong with it, if anything is. */
  readonly fault?: (text: string) => string | false;
}

/** Text that narrows what is shown while it is written. */
export function Written({ name, fault, ...field }: WrittenProps) {
  const [params, change] = useUrlState();
  const [written, setWritten, sent] = useDraft(params.get(name) ?? '');
  const send = useDebouncedCallback((value: string) => {
    sent(value.trim());
    change({ [name]: value.trim() }, 'replace');
  }, 250);
  return (
    <TextInput
      {...{ ...field, value: written, error: fault?.(written.trim()) }}
      onChange={({ currentTarget }) => {
        setWritten(currentTarget.value);
        send(currentTarget.value);
      }}
    />
  );
}

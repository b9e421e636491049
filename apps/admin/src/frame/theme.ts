import { Anchor, Badge, Button, createTheme, Paper, Table, TextInput, Tooltip } from '@mantine/core';

/** Dense and calm: small type, thin lines, one accent. Fonts are the machine's own. */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 5 },
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '0.95rem' } } },
  components: {
    Anchor: Anchor.extend({ defaultProps: { underline: 'hover' } }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 500 },
      vars: (_theme, { color = 'teal' }) => ({ root: { '--badge-color': readable(color) } }),
    }),
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      vars: (_theme, { variant = 'filled', color = 'teal' }) => ({
        root: variant in wordsOn ? { '--button-color': wordsOn[variant as keyof typeof wordsOn](color) } : {},
      }),
    }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, p: 'sm' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});

/** The colour of a button's words, where that of the library has too little contrast. */
const wordsOn = { filled: () => 'light-dark(white, black)', light: readable };

/** Of a colour the shade that can be read on its own pale ground: small words need a contrast of 4.5. */
function readable(color: string): string {
  const shade = (step: number) => `var(--mantine-color-${color}-${step})`;
  return `light-dark(color-mix(in srgb, ${shade(9)}, black 35%), ${shade(2)})`;
}

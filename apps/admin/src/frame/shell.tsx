'use client';

import { AppShell, Burger, Group, Kbd, NavLink, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, Suspense, useState } from 'react';
import { Connection, ConnectionBanner } from './connection.tsx';
import { SchemeToggle } from './scheme-toggle.tsx';
import { screens } from './screens.ts';
import classes from './shell.module.css';
import { SpacePicker } from './space-picker.tsx';
import { useHref } from './url.ts';

/** Loaded when it is first asked for. */
const Palette = dynamic(() => import('./palette.tsx').then(({ Palette }) => Palette), { ssr: false });

/** What stands around every screen: where one is, which space, how the server is, and the way to everything else. */
export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <Suspense fallback={<div className={classes.waiting} />}>
      <Frame>{children}</Frame>
    </Suspense>
  );
}

function Frame({ children }: { readonly children: ReactNode }) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [palette, setPalette] = useState(0);
  const openPalette = () => setPalette((asked) => asked + 1);
  useHotkeys([
    ['mod+K', openPalette],
    ['/', () => focusSearch(openPalette)],
  ]);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 184, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'xs', sm: 'md' }}
    >
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap">
          <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          <Text component={Link} href="/" prefetch={false} fw={700} className={classes.name}>
            Anima
          </Text>
          <SpacePicker />
          <UnstyledButton className={classes.search} onClick={openPalette} aria-label="Search, go to … ⌘K">
            <IconSearch size={14} />
            <Text span size="xs" visibleFrom="sm">
              Search, go to …
            </Text>
            <Kbd size="xs" visibleFrom="sm">
              ⌘K
            </Kbd>
          </UnstyledButton>
          <Connection />
          <SchemeToggle />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={classes.navbar} aria-label="Screens">
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        {children}
      </AppShell.Main>
      {palette > 0 && <Palette asked={palette} />}
    </AppShell>
  );
}

function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  const path = usePathname();
  const href = useHref();
  return screens.map((screen) => {
    const isHere = screen.path === '/' ? path === '/' : path.startsWith(screen.path);
    return (
      <NavLink
        key={screen.path}
        component={Link}
        href={href(screen.path)}
        // Scripts of other screens come when they are gone to: the first visit is not to wait for them.
        prefetch={false}
        label={screen.label}
        leftSection={<screen.icon size={16} stroke={1.6} />}
        active={isHere}
        aria-current={isHere ? 'page' : undefined}
        onClick={onNavigate}
        className={classes.link}
      />
    );
  });
}

/** `/` goes to the search field of the screen, and where it has none to the palette. */
function focusSearch(otherwise: () => void): void {
  const field = document.querySelector<HTMLInputElement>('input[type="search"], [data-search] input, [data-search]');
  if (field) field.focus();
  else otherwise();
}

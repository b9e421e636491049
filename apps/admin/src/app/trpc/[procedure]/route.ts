import { forward } from '../../../frame/forward.ts';

/** The API, under the console's own origin: what the page asks for goes through here to the server. */
export const dynamic = 'force-dynamic';
export const GET = forward;
export const POST = forward;

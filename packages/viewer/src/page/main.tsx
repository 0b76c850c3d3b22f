import { render } from 'preact';
import { App } from './app.tsx';
import { takeKey } from './ask.ts';
import { applyTheme } from './theme.ts';

takeKey();
applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);

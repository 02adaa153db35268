/** Mount, register the service worker, bring model and rules. */
import { render } from 'preact';
import { App } from './app';
import './app.css';
import './ui/ui.css';
import './screens/screens.css';
import { OfflineError, ProblemError } from './api/client';
import { loadAccount } from './store/account';
import { controlled, registerServiceWorker } from './store/device';
import { loadRows } from './store/outbox';
import { loadSettings } from './store/settings';
import { startSync } from './store/sync';
import { modelOf } from './tasks/models';
import { refreshCatalogue } from './waste/catalogue';
import { followDepartment, refreshDepartments, refreshRules } from './waste/place';

/** Reference data that did not come is shown as missing where it is needed. */
async function refreshPlaces(): Promise<void> {
  try {
    await refreshDepartments();
  } catch (error) {
    if (!(error instanceof OfflineError || error instanceof ProblemError)) throw error;
  }
}

async function start(): Promise<void> {
  await Promise.all([loadSettings(), loadAccount(), loadRows()]);
  const mount = document.getElementById('app');
  if (mount === null) throw new Error('no #app');
  render(<App />, mount);

  const waste = modelOf('waste');
  const firstVisit = 'serviceWorker' in navigator && navigator.serviceWorker.controller === null;
  followDepartment();
  await Promise.all([waste.restore(), refreshPlaces()]);
  // On a first visit the answer comes first: the worker then finds the runtime in the HTTP cache.
  if (firstVisit) await waste.update();
  else void waste.update();
  startSync();
  waste.follow();
  await registerServiceWorker();
  void navigator.storage.persist();
  if (firstVisit) {
    // What was fetched before the worker stood there is fetched again, and then kept.
    await controlled();
    await Promise.all([refreshPlaces(), refreshRules()]);
  }
  await refreshCatalogue();
}

void start();
window.addEventListener('online', () => {
  void refreshPlaces();
  void refreshRules();
});

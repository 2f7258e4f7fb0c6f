// A phone or computer that unlocks itself with a finger or a face: Chromium's virtual authenticator.

/** Gives `page` one; `unlocks` is whether its owner is there. `present` says whether it answers by itself. */
export async function addLock(page, { unlocks = true } = {}) {
  const device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: unlocks, automaticPresenceSimulation: true },
  });
  const present = (enabled) => device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  return { device, authenticatorId, present };
}

// Passkeys: show the buttons that need JavaScript, and show an error message on failure.
(() => {
  if (window.PublicKeyCredential) {
    document.querySelectorAll("[data-needs-script]").forEach((button) => { button.hidden = false; });
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.getElementById("passkey_problem").hidden = false;
  });
})();

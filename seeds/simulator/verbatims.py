"""What customers say in their own words: a few phrases for each thing that there is to say, in the languages they speak.

The categories are those of `reference/issue_category.csv`. A phrase speaks of one of them alone, so that whoever sorts texts by their
words can be judged by what was meant.
"""

from random import Random

GLAD = "praise"
WEIGHTS = {  # of what is said, where nothing has come up lately
    "billing": 14, "access": 14, "faults": 16, "hard to use": 14, "price": 12, "support": 10, "missing capability": 10,
    GLAD: 10,
}  # fmt: skip
OF_THE_SHOP = {"delivery": 50, "billing": 14, "access": 10, "faults": 8, "support": 8, GLAD: 10}
OF_THE_SHOP_KEPT = {
    what: weight for what, weight in OF_THE_SHOP.items() if what != "delivery"
}  # it came as promised
MAY_COME_UP = ("billing", "access", "faults")

PHRASES = {
    "billing": {
        "EN": ("The invoice was wrong again.", "We were charged twice,\nplease refund one payment."),
        "DE": ("Die Rechnung stimmt nicht.", "Es wurde doppelt abgebucht!"),
        "FR": ("La facture est fausse.", "Nous avons été débités deux fois."),
        "ES": ("La factura está mal.", "Me cobraron dos veces 😠"),
        "JA": ("請求書が間違っています。", "二重に請求されました。"),
        "AR": ("الفاتورة خاطئة.", "تم خصم المبلغ مرتين"),
    },
    "access": {
        "EN": ("I cannot log in since Monday.", "The password reset never arrives 🔑"),
        "DE": ("Ich kann mich nicht anmelden.", "Das Passwort wird nicht angenommen."),
        "FR": ("Impossible de me connecter.", "Le mot de passe est refusé."),
        "ES": ("No puedo iniciar sesión.", "La contraseña no funciona."),
        "JA": ("ログインできません。", "パスワードが\n届きません。"),
        "AR": ("لا أستطيع تسجيل الدخول", "كلمة المرور لا تعمل"),
    },
    "faults": {
        "EN": ("It is so slow in the mornings.", "The page hangs;\nthen a timeout 🐌"),
        "DE": ("Die Seite ist viel zu langsam.", "Ständig Abstürze seit dem Wochenende."),
        "FR": ("C’est très lent le matin.", "La page plante sans cesse."),
        "ES": ("Va muy lento por la mañana.", "La página se cuelga."),
        "JA": ("動作が遅いです。", "画面が固まります。"),
        "AR": ("الصفحة بطيئة جدا", "يتوقف البرنامج عن العمل 🐌"),
    },
    "hard to use": {
        "EN": ("I cannot find the button.", "The menu is confusing."),
        "DE": ("Wo finde ich den Knopf?", "Das Menü ist unübersichtlich."),
        "FR": ("Où se trouve le bouton ?", "Le menu n’est pas clair."),
        "ES": ("¿Dónde está el botón?", "El menú es confuso."),
        "JA": ("使い方が分かりません。",),
        "AR": ("القائمة مربكة",),
    },
    "price": {
        "EN": ("Too expensive for what we use.", "The price went up, twice, this year"),
        "DE": ("Zu teuer für das, was wir nutzen.", "Schon wieder eine Preiserhöhung."),
        "FR": ("Trop cher pour notre usage.",),
        "ES": ("Demasiado caro.",),
        "JA": ("料金が高いです。\n見直しをお願いします。",),
        "AR": ("السعر مرتفع جدا",),
    },
    "support": {
        "EN": ('Support says "soon", every time.\nWe are still waiting.', "On hold for forty minutes ☎️"),
        "DE": ("Der Support meldet sich nicht zurück.",),
        "FR": ("Toujours rien du support.",),
        "ES": ("Sigo esperando.",),
        "JA": ("サポートから返事がありません。",),
        "AR": ("ما زلت أنتظر الرد",),
    },
    "missing capability": {
        "EN": ("There is no way to add a second approver.", "We miss an interface to our ledger."),
        "DE": ("Uns fehlt eine Schnittstelle.",),
        "FR": ("Il manque une interface comptable.",),
        "ES": ("Falta una integración con contabilidad.",),
        "JA": ("連携機能がありません。",),
        "AR": ("لا توجد ميزة التكامل",),
    },
    "delivery": {
        "EN": ("The box was empty 📦", "My parcel never came."),
        "DE": ("Das Paket war leer.", "Die Lieferung kam\nnie an."),
        "FR": ("Le colis était vide.",),
        "ES": ("El paquete llegó vacío 📦",),
        "JA": ("箱が空でした。",),
        "AR": ("كان الطرد فارغا 📦",),
    },
    GLAD: {
        "EN": ("Thank you, all good!", "Great people. 🎉"),
        "DE": ("Danke, alles gut.",),
        "FR": ("Merci, tout va bien.",),
        "ES": ("Gracias, todo bien 🎉",),
        "JA": ("ありがとうございます。😊",),
        "AR": ("شكرا جزيلا 🌟",),
    },
}  # fmt: skip


def words(category: str, language: str, rng: Random) -> str:
    return rng.choice(PHRASES[category][language])

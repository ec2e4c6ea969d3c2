package mailbox

import (
	"strings"
	"testing"
)

func TestLanguage(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "und"},
		{"digits", "2043-881 / 12", "und"},
		{"chinese", "泵漏油了，请尽快派人来。", "zh"},
		{"chinese with codes", "型号 KX-200 的泵，S/N KX-2043-881，报警 ERR ALARM 12，怎么处理", "zh"},
		{"traditional", "機器無法啟動，請協助處理", "zh"},
		{"english", "The pump leaks since Monday, please send somebody.", "en"},
		{"short english", "login problem", "en"},
		{"english order", "Order 12345 refund please", "en"},
		{"english with a chinese name", "Dear Mr Wang (王工), the unit in Suzhou stopped again and we would like to have it repaired.", "en"},
		{"japanese", "ポンプから油が漏れています。修理をお願いします。", "ja"},
		{"korean", "펌프에서 기름이 샙니다. 수리를 부탁드립니다.", "ko"},
		{"german", "Die Pumpe ist undicht, bitte schicken Sie uns einen Techniker.", "de"},
		{"french", "La pompe fuit depuis lundi, nous vous prions de nous envoyer un technicien.", "fr"},
		{"spanish", "La bomba pierde aceite desde el lunes, por favor envíen un técnico a nuestra planta.", "es"},
		{"portuguese", "A bomba não funciona desde ontem, você pode enviar um técnico para a nossa fábrica?", "pt"},
		{"italian", "La pompa non funziona da lunedì, abbiamo bisogno di un tecnico per il nostro impianto.", "it"},
		{"dutch", "De pomp werkt niet meer, wij willen graag dat u een monteur stuurt naar onze fabriek.", "nl"},
		{"polish", "Pompa nie działa od poniedziałku, prosimy o przyjazd serwisu do naszej fabryki, nie wiemy co się stało.", "pl"},
		{"russian", "Насос течёт с понедельника", "ru"},
		{"ukrainian", "Насос тече з понеділка, надішліть будь ласка майстра, він не працює і шумить", "uk"},
		{"greek", "Η αντλία έχει διαρροή", "el"},
		{"thai", "ปั๊มรั่ว", "th"},
		{"german thanks in english", "Danke, the pump works again and we are happy with the service.", "en"},
		{"cut inside a character", strings.Repeat("泵", languageBytes), "zh"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Language(row.text); got != row.want {
				t.Errorf("Language(%q) = %q, want %q", row.text[:min(len(row.text), 60)], got, row.want)
			}
		})
	}
}

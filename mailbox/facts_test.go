package mailbox

import (
	"strings"
	"testing"
)

// TestFacts has one way of stating, or of not stating, a fact a row.
func TestFacts(t *testing.T) {
	suzhou := Facts{City: "苏州", Province: "江苏"}
	for _, row := range []struct {
		name, text string
		want       Facts
	}{
		{"nothing", "It leaks.", Facts{}},
		{"s/n", "S/N: KX-2043-881", Facts{Serial: "KX-2043-881"}},
		{"sn without colon", "sn KX2043881 is dead", Facts{Serial: "KX2043881"}},
		{"serial number is", "The serial number is KX-2043-881.", Facts{Serial: "KX-2043-881"}},
		{"serial no. with point", "Serial No.: 00471-B", Facts{Serial: "00471-B"}},
		{"serial number of", "the serial number of the pump that failed is KX2043", Facts{Serial: "KX2043"}},
		{"serial on the next line", "Serial number\nKX-2043-881", Facts{Serial: "KX-2043-881"}},
		{"serial in a table", "Model | K200\nSerial no. | KX-2043", Facts{Serial: "KX-2043"}},
		{"serial named twice", "序列号（S/N）：KX-2043", Facts{Serial: "KX-2043"}},
		{"serial named twice, english", "Serial number (S/N): KX-2043", Facts{Serial: "KX-2043"}},
		{"serial in groups", "S/N: KX 2043 881", Facts{Serial: "KX 2043 881"}},
		{"machine no.", "machine no. 20431", Facts{Serial: "20431"}},
		{"序列号", "序列号：KX-2043-881", Facts{Serial: "KX-2043-881"}},
		{"序列号 full width", "序列号：ＫＸ－２０４３", Facts{Serial: "KX-2043"}},
		{"序列号是", "泵的序列号是KX2043，漏油", Facts{Serial: "KX2043"}},
		{"出厂编号", "出厂编号 KX-2043", Facts{Serial: "KX-2043"}},
		{"机身号", "机身号KX-2043", Facts{Serial: "KX-2043"}},
		{"编号 alone", "编号：KX-2043", Facts{Serial: "KX-2043"}},
		{"铭牌", "铭牌上的编号是KX-2043", Facts{Serial: "KX-2043"}},
		{"sn in chinese", "设备SN：KX-2043", Facts{Serial: "KX-2043"}},
		{"german", "Seriennummer: KX-2043", Facts{Serial: "KX-2043"}},
		{"faulty one of several", "编号 AD-01101、AD-01102，坏的是 AD-01102", Facts{Serial: "AD-01102"}},
		{"serial wins over a number", "编号 A-1001，序列号 KX-2043", Facts{Serial: "KX-2043"}},
		{"serial is no date", "序列号 2025-11-03 之前报过", Facts{}},
		{"serial without value", "We have no serial number, sorry.", Facts{}},
		{"serial unknown in chinese", "序列号不清楚，型号K2043", Facts{}},
		{"order number", "order number 45000918", Facts{}},
		{"po", "PO 45000918 and P/N 7731-06", Facts{}},
		{"part number before serial", "P/N 7731-06, S/N KX-2043", Facts{Serial: "KX-2043"}},
		{"订单编号", "订单编号：20251103077", Facts{}},
		{"物料编号", "物料编号880-1142", Facts{}},
		{"快递单号", "快递单号SF1029384756123", Facts{}},
		{"invoice", "invoice no. INV-2025-118", Facts{}},
		{"tracking", "Tracking number: 1Z999AA10123456784", Facts{}},
		{"model", "model K200-50, error code E1702", Facts{}},
		{"contract", "contract no. HT-2025-118", Facts{Contract: "HT-2025-118"}},
		{"contract number is", "Our contract number is SC20931.", Facts{Contract: "SC20931"}},
		{"contract and a code", "under contract HT-2025-118", Facts{Contract: "HT-2025-118"}},
		{"contract and a year", "the contract of 2025 says so", Facts{}},
		{"合同号", "合同号：HT2025118", Facts{Contract: "HT2025118"}},
		{"合同编号 in brackets", "合同（编号HT-2025-118）", Facts{Contract: "HT-2025-118"}},
		{"number before 合同", "按HT-2025-118号合同执行", Facts{Contract: "HT-2025-118"}},
		{"chinese contract number", "合同编号：KF（2025）第036号", Facts{Contract: "KF(2025)第036号"}},
		{"contract and serial", "合同HT-118-2025，机号KX-2043", Facts{Contract: "HT-118-2025", Serial: "KX-2043"}},
		{"合同 without number", "合同是去年签的", Facts{}},
		{"mobile", "打我手机139 0000 0001", Facts{Phone: "139 0000 0001"}},
		{"mobile alone", "13900000001，急", Facts{Phone: "13900000001"}},
		{"mobile with country", "+86 139-0000-0001", Facts{Phone: "+86 139-0000-0001"}},
		{"mobile, full width", "电话：１３９０００００００１", Facts{Phone: "13900000001"}},
		{"landline", "电话0512-88880000", Facts{Phone: "0512-88880000"}},
		{"landline in brackets", "Tel: (0512) 8888 0000", Facts{Phone: "(0512) 8888 0000"}},
		{"phone and fax", "Fax 0512-88880001\nTel 0512-88880000", Facts{Phone: "0512-88880000"}},
		{"fax only", "传真：0512-88880001", Facts{}},
		{"landline with country", "86-512-88880000", Facts{Phone: "86-512-88880000"}},
		{"international", "Call me on +49 30 1234567", Facts{Phone: "+49 30 1234567"}},
		{"short number behind the word", "phone 8888000", Facts{Phone: "8888000"}},
		{"american", "reach me at (555) 010-0199", Facts{Phone: "(555) 010-0199"}},
		{"own hotline", "I called 400-820-0000 twice", Facts{}},
		{"own landline, spelled otherwise", "I called 021-55550101", Facts{}},
		{"your hotline", "nobody answers at your hotline 0512-88880000", Facts{}},
		{"bank account", "account 6222 0000 1234 5678", Facts{}},
		{"date is no phone", "since 2025-11-03 10:00", Facts{}},
		{"qq number", "QQ 123456789", Facts{}},
		{"city", "我们在苏州", suzhou},
		{"city with its word", "苏州市的泵坏了", suzhou},
		{"province and city", "江苏省苏州市工业园区", suzhou},
		{"city, english", "The pump in Suzhou leaks", Facts{City: "Suzhou", Province: "Jiangsu"}},
		{"province only", "我们厂在江苏", Facts{Province: "江苏"}},
		{"province only, english", "our site in Jiangsu province", Facts{Province: "Jiangsu"}},
		{"municipality", "上海的机器", Facts{City: "上海", Province: "上海"}},
		{"district", "浦东新区的厂", Facts{City: "上海", Province: "上海"}},
		{"same spelling, province tells", "our plant in Suzhou, Anhui", Facts{City: "Suzhou", Province: "Anhui"}},
		{"same spelling and rank", "our plant in Taizhou", Facts{City: "Taizhou"}},
		{"same spelling and rank, province tells", "Taizhou, Zhejiang", Facts{City: "Taizhou", Province: "Zhejiang"}},
		{"jilin is the province", "我们在吉林", Facts{Province: "吉林"}},
		{"jilin city", "我们在吉林市", Facts{City: "吉林", Province: "吉林"}},
		{"hainan prefecture is not hainan", "我们在海南", Facts{Province: "海南"}},
		{"xi'an", "our lab in Xi'an", Facts{City: "Xi'an", Province: "Shaanxi"}},
		{"xi'an, typographic", "our lab in Xi’an", Facts{City: "Xi'an", Province: "Shaanxi"}},
		{"xian is a name", "Mr Xian will call", Facts{}},
		{"street", "北京路12号", Facts{}},
		{"street in a city", "上海市南京东路100号", Facts{City: "上海", Province: "上海"}},
		{"street, english", "88 Beijing Road, Shanghai", Facts{City: "Shanghai", Province: "Shanghai"}},
		{"address beats company", "北京华某泵业有限公司\n地址：河北省廊坊市", Facts{City: "廊坊", Province: "河北"}},
		{"company alone", "北京华某泵业有限公司", Facts{City: "北京", Province: "北京"}},
		{"site beats head office", "总部在北京，设备在无锡", Facts{City: "无锡", Province: "江苏"}},
		{"your office", "please tell your Shanghai office that we wait", Facts{}},
		{"贵司办事处", "请贵司上海办事处派人到无锡", Facts{City: "无锡", Province: "江苏"}},
		{"lower case behind in", "our plant in suzhou", Facts{City: "Suzhou", Province: "Jiangsu"}},
		{"capitals", "WUXI CITY", Facts{City: "Wuxi", Province: "Jiangsu"}},
		{"form", "City: Springfield\nPhone: 5550100", Facts{City: "Springfield", Phone: "5550100"}},
		{"form, chinese", "城市：苏州", suzhou},
		{"words that look like places", "来宾很多，大理石台面，三明治机，日照充足，白银线圈", Facts{}},
		{"two of the machines", "两台中有一台坏了", Facts{}},
		{"own address is not the customer's", "寄到上海市闵行区服务路9号", Facts{}},
		{"moved", "The line moved from Suzhou to Wuxi", Facts{City: "Wuxi", Province: "Jiangsu"}},
		{"abroad", "our plant in Hamburg", Facts{City: "Hamburg", Province: "Hamburg"}},
		{"all at once", "S/N KX-2043, contract HT-118, Wuxi, 13900000001", Facts{"KX-2043", "HT-118", "13900000001", "Wuxi", "Jiangsu"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := newTestFinder(t).Find(&Message{Body: Body{New: row.text}}); got != row.want {
				t.Errorf("\n got %+v\nwant %+v", got, row.want)
			}
		})
	}
}

func TestFactsSources(t *testing.T) {
	f := newTestFinder(t)
	for _, row := range []struct {
		name string
		m    Message
		want Facts
	}{
		{"signature", Message{Body: Body{New: "It leaks.", Signature: "Ann\nTel: 0512-88880000\n苏州市"}}, Facts{Phone: "0512-88880000", City: "苏州", Province: "江苏"}},
		{"subject", Message{Subject: "S/N KX-2043 in Wuxi", Body: Body{New: "It leaks."}}, Facts{Serial: "KX-2043", City: "Wuxi", Province: "Jiangsu"}},
		{"words before signature", Message{Body: Body{New: "打13900000001，设备在上海", Signature: "Tel: 0512-88880000\n地址：苏州市"}}, Facts{Phone: "13900000001", City: "上海", Province: "上海"}},
		{"quoted text does not count", Message{Body: Body{New: "Yes.", Quoted: "S/N KX-2043, Wuxi, 13900000001"}}, Facts{}},
		{"cited lines do not count", Message{Body: Body{New: "No:\n> S/N KX-2043\nis wrong"}}, Facts{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := f.Find(&row.m); got != row.want {
				t.Errorf("\n got %+v\nwant %+v", got, row.want)
			}
		})
	}
}

func TestGazetteer(t *testing.T) {
	g, err := LoadGazetteer(strings.NewReader("# ours\nforeign\tSpringfield\tSpringfield\tIllinois\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	provinces := map[string]int{}
	for _, p := range g.places {
		if p.isProv {
			provinces[p.Province] = 0
		}
	}
	cities := map[string]bool{}
	for _, p := range g.places {
		if p.isCity && p.province >= 0 {
			cities[p.City] = true
			provinces[p.Province]++
		}
	}
	if len(provinces) != 34 || len(cities) < 330 {
		t.Errorf("%d provinces and %d cities, want 34 and 330 at least", len(provinces), len(cities))
	}
	for p, n := range provinces {
		if n == 0 {
			t.Errorf("no city in %s", p)
		}
	}
	for _, row := range []struct{ a, b string }{{"苏州", "Suzhou"}, {"苏州市", "suzhou city"}, {"Xian", "西安"}, {"Beijing", "北京市"}, {"springfield", "Springfield"}, {"吉林市", "吉林"}, {"Nowhere", "nowhere"}} {
		if !g.SameCity(row.a, row.b) {
			t.Errorf("%s and %s are one city", row.a, row.b)
		}
	}
	for _, row := range []struct{ a, b string }{{"苏州", "宿州"}, {"", ""}, {"Wuxi", "Suzhou"}} {
		if g.SameCity(row.a, row.b) {
			t.Errorf("%q and %q are not one city", row.a, row.b)
		}
	}
	if !g.SameProvince("江苏省", "Jiangsu") || g.SameProvince("Shanxi", "Shaanxi") {
		t.Error("provinces compared wrongly")
	}
	if p, ok := g.Lookup("Kunshan"); !ok || p.Province != "江苏" || p.City != "昆山" {
		t.Errorf("Kunshan: %+v", p)
	}
}

func TestTableErrors(t *testing.T) {
	for _, row := range []struct{ name, rows, want string }{
		{"unknown kind", "village\tX", `places:1: unknown kind "village"`},
		{"columns", "# head\ncity", "places:2: 1 columns"},
		{"province missing", "\ncity\tX\tX\tNowhere", `places:2: city X: no province "Nowhere"`},
		{"no name", "province\t\tX", "places:1: province: the name is empty"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := LoadGazetteer(strings.NewReader(row.rows))
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("error %v, want %s", err, row.want)
			}
		})
	}
	if _, err := LoadFactPatterns(strings.NewReader("serial\ten\tplate code\nwhat\ten\tx")); err == nil || !strings.HasPrefix(err.Error(), `facts:2: unknown kind "what"`) {
		t.Errorf("error %v", err)
	}
}

func TestExtraPatterns(t *testing.T) {
	g, err := LoadGazetteer(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := LoadFactPatterns(strings.NewReader("serial\tnl\ttypeplaatje\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewFactFinder(g, p).Find(&Message{Body: Body{New: "typeplaatje KX-2043"}}); got.Serial != "KX-2043" {
		t.Errorf("got %+v", got)
	}
	if got := NewFactFinder(&Gazetteer{}, FactPatterns{}).Find(&Message{Body: Body{New: "S/N KX-2043 in Wuxi"}}); got != (Facts{}) {
		t.Errorf("empty finder found %+v", got)
	}
}

/** The letters outside ASCII of some languages, and the charsets in which mail in them is sent without a label. */
export interface Language {
  readonly charsets: readonly string[];
  /** The letters in lower case, the most frequent ones first. */
  readonly letters: string;
  /** `alphabet`: letters that make words. `characters`: thousands of two octets each; `letters` has the frequent ones. */
  readonly kind: "alphabet" | "characters";
}

const WESTERN = ["windows-1252", "ibm850", "ibm437", "macintosh"];
const CENTRAL = ["iso-8859-2", "windows-1250", "ibm852", "x-mac-ce"];
const CYRILLIC = ["windows-1251", "koi8-r", "ibm866", "iso-8859-5", "x-mac-cyrillic"];

/** The languages in which most mail is written. The order of their letters is roughly that of their frequency. */
export const LANGUAGES: readonly Language[] = [
  // German; Swedish, Finnish, Danish, Norwegian; French; Dutch; Spanish; Portuguese; Italian, Catalan; Icelandic; Faroese;
  // Estonian; Albanian.
  alphabet("üäöß", WESTERN),
  alphabet("äöåøæé", WESTERN),
  alphabet("éèàêçùôâîûëïœ", WESTERN),
  alphabet("ëéïöüèê", WESTERN),
  alphabet("óáéíñúü¿¡", WESTERN),
  alphabet("ãçáéóíêúõâôà", WESTERN),
  alphabet("àéèòùìíóúïüç·", WESTERN),
  alphabet("áíéðóúæþöý", WESTERN),
  alphabet("áíøðóúæý", WESTERN),
  alphabet("äõüöšž", WESTERN),
  alphabet("ëç", WESTERN),
  // Czech, Slovak; Polish; Hungarian; Romanian; Croatian, Slovene; German, which is also sent in these charsets.
  alphabet("íáéěčýřžšůúťďóňľôäĺŕ", CENTRAL),
  alphabet("ąęółśżćńź", CENTRAL),
  alphabet("éáőöóüíúű", CENTRAL),
  alphabet("ăîâşţ", CENTRAL),
  alphabet("čšžćđ", CENTRAL),
  alphabet("üäöß", CENTRAL),
  // Turkish; Lithuanian; Latvian; Estonian; Vietnamese.
  alphabet("ıİşüğçöâ", ["windows-1254"]),
  alphabet("ėšųįžūčąę", ["windows-1257"]),
  alphabet("āīšēūžļņčģķ", ["windows-1257"]),
  alphabet("äõüöšž", ["windows-1257"]),
  // Russian; Ukrainian; Bulgarian; Serbian, Macedonian.
  alphabet("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", CYRILLIC),
  alphabet("оанівитерслкдумпьязбгчйхцжїюшєщфґ", ["windows-1251", "koi8-u", "x-mac-cyrillic"]),
  alphabet("аиоетнрсвлкдпмзугъябчйщцжшхфюь", CYRILLIC),
  alphabet("аиоенрсјтдувклмпбзгчшцњжхљћџђфѓќѕ", ["windows-1251", "iso-8859-5"]),
  alphabet("αοιετσνηυρπκμλςάωίέόήδγύχθώφβξζψϊ", ["windows-1253", "iso-8859-7"]),
  alphabet("יוהלארתבמשנםדעקחפטגצכזסןךףץ", ["windows-1255"]),
  alphabet("اليمونرتبةعدسفهكقأحجشطصخإذئىءضزثآغظؤ،؟", ["windows-1256", "iso-8859-6"]),
  alphabet("انرمیدتهوسلشبکزگفعخقجحچپصطآغضثذژظئ", ["windows-1256"]),
  alphabet("านรอกเงมยล่ว้ดทสต์ัิีปบคหุแจพชะขใไผู็ืโำซึธณถศญภฟษฉฝฐฎฮฤฏ", ["windows-874"]),
  // Simplified and traditional Chinese, Japanese, Korean, each with characters that are frequent in subjects of mail, too.
  characters(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运您请邮票单测试复附您转邀参订购账户验证码密优惠免费价格项目议约谢节快乐祝中文京网站周季，。！？：（）《》【】、；",
    ["gb18030"],
  ),
  characters(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運您請郵寄票單測試復附檔轉邀參訂購帳戶驗證碼密優惠免費價格項目議約謝節快樂祝台灣灣網站週季，。！？：（）「」『』《》【】、；",
    ["big5"],
  ),
  characters(
    "のいしたてにとをはなかがでるすこまうきもらりれんくあさつけだよせそえおちみわやめどろばねじひむほげぎびごぞずぼぶゆふへべぜぬっゃゅょンスルトーアイリクラシドタジテマフコサレロプムカグッデバチニパィメォェブオキナセュャョウダノネミモハエポベワヘホヤユボビソツケギガゴザズヒピペヌ日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天友会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物使品計特私始朝運終台広住真有口少料工建空急止送切転研足究楽起着店待試族銀早映親験英医字答夜音注帰買週室歩風紙花件名確認連絡返信添付請求御申込案内登録様予約文配商無限定お知願致以下情報会議株式担当関係資料提供受講座号録。、・「」『』！？（）【】〜ー々",
    ["shift_jis", "euc-jp"],
  ),
  characters(
    "이다는에의을가를고하은지로기사한도자나대인시어서리해그일수아정으있전부제보구들만여과라장주선상성원안신조스면무공소연유경동국위관비계적용내마모오중세미생방년게것회요입니문식반업습합금드트바저발통치진타실행등까출분학화개본물때교체우력터심려두당음거포불영확청알림광견단메답첨파산녕십갑감글말월호신청예약변작결주송김박최강조윤장명민준희현재",
    ["euc-kr"],
  ),
];

function alphabet(letters: string, charsets: readonly string[]): Language {
  return { letters, charsets, kind: "alphabet" };
}

function characters(letters: string, charsets: readonly string[]): Language {
  return { letters, charsets, kind: "characters" };
}

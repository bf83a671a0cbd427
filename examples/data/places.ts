/** Countries by region. No name has a comma: the generator plants one where it wants one. */
export interface Region {
  readonly name: string;
  readonly countries: readonly [string, ...string[]];
}

export const REGIONS: readonly [Region, ...Region[]] = [
  {
    name: 'Asia',
    countries: split(
      'Bangladesh|Bhutan|Brunei|Cambodia|China|India|Indonesia|Japan|Kazakhstan|Kyrgyzstan|Laos|Malaysia|Maldives|Mongolia|Myanmar|Nepal|Philippines|Singapore|South Korea|Sri Lanka|Taiwan|Tajikistan|Thailand|Turkmenistan|Uzbekistan|Vietnam',
    ),
  },
  {
    name: 'Australia and Oceania',
    countries: split(
      'Australia|Fiji|Kiribati|Marshall Islands|Micronesia|Nauru|New Zealand|Palau|Papua New Guinea|Samoa|Solomon Islands|Tonga|Tuvalu|Vanuatu',
    ),
  },
  {
    name: 'Central America and the Caribbean',
    countries: split(
      'Antigua and Barbuda|Barbados|Belize|Costa Rica|Cuba|Dominica|Dominican Republic|El Salvador|Grenada|Guatemala|Haiti|Honduras|Jamaica|Nicaragua|Panama|Saint Kitts and Nevis|Saint Lucia|Saint Vincent and the Grenadines|The Bahamas|Trinidad and Tobago',
    ),
  },
  {
    name: 'Europe',
    countries: split(
      'Albania|Andorra|Armenia|Austria|Belarus|Belgium|Bosnia and Herzegovina|Bulgaria|Croatia|Cyprus|Czech Republic|Denmark|Estonia|Finland|France|Georgia|Germany|Greece|Hungary|Iceland|Ireland|Italy|Kosovo|Latvia|Liechtenstein|Lithuania|Luxembourg|Malta|Moldova|Monaco|Montenegro|Netherlands|North Macedonia|Norway|Poland|Portugal|Romania|Russia|San Marino|Serbia|Slovakia|Slovenia|Spain|Sweden|Switzerland|Ukraine|United Kingdom|Vatican City',
    ),
  },
  {
    name: 'Middle East and North Africa',
    countries: split(
      'Afghanistan|Algeria|Azerbaijan|Bahrain|Egypt|Iran|Iraq|Israel|Jordan|Kuwait|Lebanon|Libya|Morocco|Oman|Pakistan|Qatar|Saudi Arabia|Somalia|Syria|Tunisia|Turkey|United Arab Emirates|Yemen',
    ),
  },
  { name: 'North America', countries: ['Canada', 'Greenland', 'Mexico', 'United States of America'] },
  {
    name: 'Sub-Saharan Africa',
    countries: split(
      'Angola|Benin|Botswana|Burkina Faso|Burundi|Cameroon|Cape Verde|Central African Republic|Chad|Comoros|Djibouti|Equatorial Guinea|Eritrea|Ethiopia|Gabon|Ghana|Guinea|Guinea-Bissau|Ivory Coast|Kenya|Lesotho|Liberia|Madagascar|Malawi|Mali|Mauritania|Mauritius|Mozambique|Namibia|Niger|Nigeria|Republic of the Congo|Rwanda|Senegal|Seychelles|Sierra Leone|South Africa|South Sudan|Sudan|Tanzania|The Gambia|Togo|Uganda|Zambia|Zimbabwe',
    ),
  },
];

function split(names: string): readonly [string, ...string[]] {
  return names.split('|') as [string, ...string[]];
}
